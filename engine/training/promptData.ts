/**
 * Distilling without pictures: conditions come from prompts or from the teacher's classes, statistics from the teacher,
 * which keeps those of what it learnt in its model.json. What compares with real pictures asks for them.
 */
import { StudioError } from '../contract/errors.ts';
import { CLASSES_DATA } from '../contract/promptData.ts';
import { readPrompts } from '../data/promptFile.ts';
import { selectConditions, type HostCondition } from '../model/conditions.ts';
import { randomIntegers } from '../tensor/random.ts';
import type { Model } from './modelFile.ts';
import type { TrainingData } from './trainingData.ts';

/**
 * @param name `classes`, or a text file of prompts.
 * @throws StudioError 'not-found' or 'input-invalid': see readPrompts; or for what this teacher does not know.
 */
export async function openPromptData(teacher: Model, name: string): Promise<TrainingData> {
  const { info, tokeniser, denoiser } = teacher;
  const prompts = name === CLASSES_DATA ? [] : await readPrompts(name);
  const known = name === CLASSES_DATA ? everyClass(teacher) : conditionOf(teacher, prompts);
  const count = known.classes?.length ?? 0;
  return {
    name,
    ...{ classNames: info.classNames, tokeniser, prompts, dataset: undefined },
    ...{ statistics: info.statistics, deviation: info.dataDeviation },
    batch() {
      throw new StudioError(
        'input-invalid',
        `This recipe compares with real pictures, and “${name}” has none.`,
        'Name a folder or zip of pictures as its data.',
        { field: 'data' },
      );
    },
    conditions: (draw, wanted, seed) =>
      selectConditions(denoiser.network.conditioning, known, [
        ...randomIntegers({ seed, purpose: 'condition', step: draw }, wanted, count),
      ]),
  };
}

/** Of each class once; the empty caption where the teacher reads captions. */
function everyClass({ info: { classNames }, denoiser }: Model): HostCondition {
  if (classNames.length === 0)
    throw new StudioError('input-invalid', 'This teacher has no classes.', 'Name a text file of prompts.', {
      field: 'data',
    });
  const { captionLength } = denoiser.network.conditioning;
  return {
    classes: Int32Array.from(classNames, (_, index) => index),
    captions: new Int32Array(classNames.length * captionLength),
  };
}

/** Captions of any class, or for a teacher that reads none the classes that the prompts name. */
function conditionOf({ info: { classNames }, tokeniser, denoiser }: Model, prompts: string[]): HostCondition {
  const { captionLength } = denoiser.network.conditioning;
  if (tokeniser)
    return {
      classes: new Int32Array(prompts.length).fill(classNames.length),
      captions: tokeniser.encodeAll(prompts, captionLength),
    };
  const unknown = prompts.find((text) => !classNames.includes(text));
  if (unknown !== undefined)
    throw new StudioError(
      'input-invalid',
      `This teacher reads no captions, and “${unknown}” is none of its classes.`,
      classNames.length > 0
        ? `It knows: ${classNames.join(', ')}.`
        : 'It can only be distilled with the data that it learnt from.',
      { field: 'data' },
    );
  return { classes: Int32Array.from(prompts, (text) => classNames.indexOf(text)) };
}
