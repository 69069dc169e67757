/** What a model can be asked for: captions where it reads them, its classes where it does not. */
import { StudioError } from '../../engine/contract/errors.ts';
import { selectConditions } from '../../engine/model/conditions.ts';
import type { Model } from '../../engine/training/modelFile.ts';
import { promptsFor, type Prompts } from './pictures.ts';

/**
 * Each text as often as a row is long; one row of every class where nothing is asked for.
 *
 * @throws StudioError 'input-invalid' with field `prompt` for a class that the model does not know.
 */
export function modelPrompts(model: Model, texts: readonly string[], perRow = 1): Prompts {
  return inRows(model, promptsOf(model, texts), perRow);
}

/** Captions where the model reads them, class names where it does not; every class where nothing is asked for. */
function promptsOf(model: Model, texts: readonly string[]): Prompts {
  const { classNames } = model.info;
  if (model.tokeniser && texts.length > 0) return promptsFor(model, texts);
  const unknown = texts.find((text) => !classNames.includes(text));
  if (unknown !== undefined)
    throw new StudioError(
      'input-invalid',
      `This model reads no captions, and “${unknown}” is none of its classes.`,
      classNames.length > 0
        ? `It knows: ${classNames.join(', ')}.`
        : 'It has no classes; leave the prompt out.',
      { field: 'prompt' },
    );
  const asked = texts.length > 0 ? texts : classNames;
  const wanted = asked.length > 0 ? asked : [''];
  const classes = Int32Array.from(wanted, (text) => (classNames.length === 0 ? 0 : classNames.indexOf(text)));
  const captions = model.tokeniser ? wanted.map(() => '') : wanted;
  return { captions, classes, condition: { ...promptsFor(model, captions).condition, classes } };
}

/** Each prompt as often as a row is long. */
function inRows(model: Model, { captions, classes, condition }: Prompts, perRow: number): Prompts {
  const rows = Array.from({ length: captions.length * perRow }, (_, i) => Math.floor(i / perRow));
  return {
    captions: rows.map((row) => captions[row] ?? ''),
    classes: Int32Array.from(rows, (row) => classes[row] ?? 0),
    condition: selectConditions(model.denoiser.network.conditioning, condition, rows),
  };
}
