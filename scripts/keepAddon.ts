/** Puts the compiled addon of this computer's native engine where installers take it from, so that users need no compiler. */
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { findNativeEngine } from '../engine/tensor/native/nativeEngine.ts';
import { addonsFolder } from '../engine/tensor/native/prebuiltAddon.ts';

const engine = findNativeEngine();
if (engine) {
  await mkdir(addonsFolder, { recursive: true });
  await copyFile(engine.addonPath, path.join(addonsFolder, `${engine.key}.node`));
  console.log(`The installers carry the addon of ${engine.key}.`);
} else {
  console.warn('No native engine is set up here: whoever installs the app needs a compiler for it.');
}
