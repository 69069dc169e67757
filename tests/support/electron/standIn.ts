/** A stand-in for Electron's folder: what electron-builder needs of it, with a program that has room for fuses. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Where @electron/fuses looks, then: version of the wire, count of fuses, each on, off or gone. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

export async function makeStandIn(folder: string, version: string): Promise<void> {
  await mkdir(path.join(folder, 'locales'), { recursive: true });
  await mkdir(path.join(folder, 'resources'));
  await writeFile(path.join(folder, 'version'), version);
  await writeFile(path.join(folder, 'LICENSE'), 'None is needed for a stand-in.');
  await writeFile(path.join(folder, 'LICENSES.chromium.html'), '');
  await writeFile(path.join(folder, 'locales/en-US.pak'), '');
  const program = Buffer.concat([
    Buffer.from(`#!/bin/sh\nexit 0\n# ${sentinel}`),
    Buffer.from([1, 9]),
    Buffer.from('101100110\n'),
  ]);
  await writeFile(path.join(folder, 'electron'), program);
  await chmod(path.join(folder, 'electron'), 0o755);
}
