/** The C++ sources that the addon is compiled from, and their hash. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** Node-API version that the addon asks for; part of the engine's key. */
export const nodeApiVersion = 8;

/** The folder beside the desktop app's archive, where installers keep what other programs must read. */
export const onDisk = (path: string): string =>
  path.replace(/(?<=[\\/])app\.asar(?=[\\/])/, 'app.asar.unpacked');
const folderOf = (name: string): string => onDisk(dirname(require.resolve(`${name}/package.json`)));

/** tfjs-node's own sources and headers. */
export const bindingFolder = join(folderOf('@tensorflow/tfjs-node-gpu'), 'binding');

export const nodeApiHeaders = join(folderOf('node-api-headers'), 'include');

const ownFolder = onDisk(import.meta.dirname);
const ownSources = readdirSync(ownFolder)
  .filter((name) => /\.(cc|h)$/.test(name))
  .sort();

/** `capturedFunctions.cc` includes `tfjs_binding.cc`, so these are the whole addon; what takes longest to compile first. */
export const translationUnits = [
  ...ownSources
    .filter((name) => name.endsWith('.cc'))
    .sort((a, b) => Number(b === 'vectorKernels.cc') - Number(a === 'vectorKernels.cc'))
    .map((name) => join(ownFolder, name)),
  join(bindingFolder, 'tfjs_backend.cc'),
];

/** SHA-256 over the names and contents of every source and header, in hexadecimal. */
export function hashAddonSources(): string {
  const hash = createHash('sha256');
  const bindings = readdirSync(bindingFolder)
    .sort()
    .map((name) => join(bindingFolder, name));
  const own = ownSources.map((name) => join(ownFolder, name));
  for (const path of [...own, ...bindings]) {
    hash
      .update(path.slice(dirname(path).length))
      .update('\0')
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex');
}
