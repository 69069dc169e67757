/** Puts this computer's CPU engine where installers take it from, so that users need no Python, compiler or network. */
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { findPin, hostPlatform } from '../engine/tensor/native/pins.ts';
import { provisionPin } from '../engine/tensor/native/provision.ts';

// Not where the app looks for it: a checkout computes with the engine in its cache.
const kept = path.join(import.meta.dirname, '../dist/installers-engine');
// What lies there may be of older sources.
await rm(kept, { recursive: true, force: true });
await mkdir(kept, { recursive: true });
const pin = findPin('cpu');
if (pin) {
  const { key, folder } = await provisionPin('cpu', pin);
  await cp(folder, path.join(kept, key), { recursive: true });
  console.log(`The installers carry ${key}.`);
} else console.warn(`No native engine is made for ${hostPlatform()}: the installers carry none.`);
