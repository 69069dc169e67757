/** Reads the classifier that comes with the studio, trained on the demo set by `scripts/trainClassifier.ts`. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../contract/errors.ts';
import { Classifier, classifierFile } from '../metrics/classifier.ts';
import { toFloat32 } from './halfPrecision.ts';
import { readSafetensors } from './safetensors.ts';

export const bundledClassifierFolder = path.resolve(import.meta.dirname, '../../resources/classifier');

/** The classifier on the active backend; the caller disposes it. Throws `file-invalid` for a damaged one. */
export async function readBundledClassifier(folder = bundledClassifierFolder): Promise<Classifier> {
  const text = await readFile(path.join(folder, 'classifier.json'), 'utf8');
  const { arrays } = await readSafetensors(path.join(folder, 'weights.safetensors'));
  try {
    const description = classifierFile.parse(JSON.parse(text));
    const values = Object.fromEntries(Array.from(arrays, ([name, array]) => [name, toFloat32(array)]));
    return new Classifier(description, values);
  } catch (cause) {
    throw new StudioError(
      'file-invalid',
      'The bundled classifier is damaged, so pictures cannot be measured; nothing else is affected.',
      'Install the studio again.',
      { cause },
    );
  }
}
