/** What a teacher is for experiments: of points or of pictures, and what it learnt. */
import { z } from 'zod';
import { StudioError } from '../../../engine/contract/errors.ts';
import type { ModelInfo } from '../../../engine/contract/modelInfo.ts';
import { isPromptData } from '../../../engine/contract/promptData.ts';
import { needsPictures, recipeSchema } from '../../../engine/contract/recipe.ts';
import { withChanges } from '../../../engine/contract/recipeChanges.ts';
import type { Scale, Sweep } from '../../../engine/contract/sweep.ts';

export const scaleOf = ({ network }: ModelInfo): Scale => (network.family === 'mlp' ? 'toy' : 'images');

/** As its recipe named it; by default what a bundled teacher learnt where there is none. */
export function learntData(info: ModelInfo, standard = scaleOf(info) === 'toy' ? 'toy' : 'demo'): string {
  return z.object({ data: z.string() }).catch({ data: standard }).parse(info.made['recipe']).data;
}

/**
 * Asks for real pictures where a variant compares with them or learns from them, and the data has none. All else is
 * measured against the teacher.
 *
 * @throws StudioError 'input-invalid', before anything runs.
 */
export function requirePictures({ recipe, variants }: Pick<Sweep, 'recipe' | 'variants'>): void {
  const wanting = variants.flatMap(({ name, changes }) => {
    const { data } = recipeSchema.safeParse(withChanges(recipe, changes));
    return data && needsPictures(data) && isPromptData(data.data) ? [{ name, data: data.data }] : [];
  });
  const [first] = wanting;
  if (!first) return;
  const names = wanting.map(({ name }) => `“${name}”`).join(', ');
  throw new StudioError(
    'input-invalid',
    `Real pictures are needed for ${names}, and the data “${first.data}” has none.`,
    'Name a folder or zip of pictures as the data; nothing was started.',
    { field: 'data' },
  );
}
