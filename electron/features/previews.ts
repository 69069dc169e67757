/** The fixed samples of a distillation that are looked at again and again: images in a row, or a toy's points. */
import { imageGrid, type FloatImages } from '../../engine/data/png.ts';
import type { HostCondition } from '../../engine/model/conditions.ts';
import type { DistillationJob } from '../../engine/training/distillationJob.ts';
import { modelPrompts } from './modelPrompts.ts';
import { asImages, captionsOfClasses, promptsFor, type Prompts } from './pictures.ts';
import { pointPicture } from './pointPicture.ts';
import { scaleOf } from './sweeps/teacherScale.ts';

const IMAGES = 8;
const POINTS_A_CLASS = 64;

export interface Previews {
  readonly count: number;
  readonly condition: HostCondition;
  /** One a square of the picture. */
  readonly captions: readonly string[];
  /** Of `count` samples. */
  picture(values: Float32Array): Promise<Buffer>;
}

/** @param asked captions; by default one of each class. A toy shows all of its classes, whatever is asked. */
export function previewsOf(
  { teacher, data }: Pick<DistillationJob, 'teacher' | 'data'>,
  asked?: readonly string[],
): Previews {
  if (scaleOf(teacher.info) === 'toy') {
    const { classes, condition } = modelPrompts(teacher, [], POINTS_A_CLASS);
    const classCount = teacher.info.classNames.length;
    return {
      ...{ count: classes.length, condition, captions: [''] },
      picture: (values) => pointPicture(values, classes, classCount),
    };
  }
  const { captions, condition } = pictured(teacher, data, asked);
  return {
    ...{ count: captions.length, condition, captions },
    picture: (values) => rowPicture(asImages(values, teacher)),
  };
}

/** Without pictures to take captions from, the first prompts, or every class of the teacher by its name. */
function pictured(
  teacher: DistillationJob['teacher'],
  { dataset, prompts }: DistillationJob['data'],
  asked: readonly string[] | undefined,
): Prompts {
  const captions = asked ?? (dataset && captionsOfClasses(dataset, IMAGES));
  if (captions) return promptsFor(teacher, captions, dataset);
  const shown = modelPrompts(teacher, prompts.slice(0, IMAGES));
  return prompts.length > 0 ? shown : { ...shown, captions: teacher.info.classNames };
}

/** A row of pictures without gaps. */
export const rowPicture = (images: FloatImages): Promise<Buffer> =>
  imageGrid(images, { columns: images.count, gap: 0 });
