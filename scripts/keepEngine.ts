/** Puts this computer's CPU engine where installers take it from, so that users need no Python, compiler or network. */
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { carriedEngines } from '../engine/tensor/native/nativeEngine.ts';
import { findPin, hostPlatform } from '../engine/tensor/native/pins.ts';
import { provisionPin } from '../engine/tensor/native/provision.ts';

// What lies there may be of older sources, and would be found first.
await rm(carriedEngines, { recursive: true, force: true });
await mkdir(carriedEngines, { recursive: true });
const pin = findPin('cpu');
if (pin) {
  const { key, folder } = await provisionPin('cpu', pin);
  await cp(folder, path.join(carriedEngines, key), { recursive: true });
  console.log(`The installers carry ${key}.`);
} else console.warn(`No native engine is made for ${hostPlatform()}: the installers carry none.`);
