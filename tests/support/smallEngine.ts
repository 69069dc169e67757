/**
 * A native engine of a few bytes, for testing how engines are provisioned: a wheel that the real pip takes from a
 * local folder, and a compiler that writes a file of zeros.
 */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

import type { EnginePin } from '../../engine/tensor/native/pins.ts';

export interface SmallEngine {
  readonly pin: EnginePin;
  /** Environment under which pip and the compiler are the ones above and the cache is empty. */
  readonly environment: Readonly<Record<string, string>>;
}

const entries = {
  'tensorflow/libtensorflow_cc.so.2': 'a library of no use',
  'tensorflow/libtensorflow_framework.so.2': 'another',
  'tensorflow/include/tensorflow/c/c_api.h': '// nothing',
  'tensorflow/python/unwanted.py': 'print()',
  'stillroom_small-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: stillroom-small\nVersion: 1.0\n',
  'stillroom_small-1.0.dist-info/WHEEL':
    'Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp311-cp311-linux_x86_64\n',
  'stillroom_small-1.0.dist-info/RECORD': '',
};

export async function makeSmallEngine(folder: string): Promise<SmallEngine> {
  const links = join(folder, 'links');
  mkdirSync(links);
  const wheel = join(links, 'stillroom_small-1.0-cp311-cp311-manylinux_2_17_x86_64.whl');
  const zip = new ZipFile();
  for (const [path, text] of Object.entries(entries)) zip.addBuffer(Buffer.from(text), path);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(wheel));

  const pin: EnginePin = {
    tensorflowVersion: '1.0',
    installedBytes: 1000,
    wheels: [
      {
        package: 'stillroom-small',
        version: '1.0',
        pythonVersion: '311',
        platformTag: 'manylinux_2_17_x86_64',
        sha256: createHash('sha256').update(readFileSync(wheel)).digest('hex'),
        bytes: statSync(wheel).size,
        libraries: /\.so\.2$/,
        headers: /\.h$/,
      },
    ],
  };
  const CXX = writeProgram(
    folder,
    'compiler',
    'while [ "$1" != -o ] && [ $# -gt 0 ]; do shift; done\n[ -z "$2" ] || head -c 64 /dev/zero > "$2"',
  );
  const environment = {
    STILLROOM_CACHE: join(folder, 'cache'),
    PIP_NO_INDEX: '1',
    PIP_FIND_LINKS: links,
    CXX,
  };
  return { pin, environment };
}

/** An executable shell script; returns its path. */
export function writeProgram(folder: string, name: string, script: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}
