/** What a teacher is for experiments: of points or of pictures, and what it learnt. */
import { z } from 'zod';
import { StudioError } from '../../../engine/contract/errors.ts';
import type { ModelInfo } from '../../../engine/contract/modelInfo.ts';
import { isPromptData } from '../../../engine/contract/promptData.ts';
import type { Scale } from '../../../engine/contract/sweep.ts';

export const scaleOf = ({ network }: ModelInfo): Scale => (network.family === 'mlp' ? 'toy' : 'images');

/** As its recipe named it; what a bundled teacher learnt where there is none. */
export function learntData(info: ModelInfo): string {
  const standard = scaleOf(info) === 'toy' ? 'toy' : 'demo';
  return z.object({ data: z.string() }).catch({ data: standard }).parse(info.made['recipe']).data;
}

/** Students of pictures are measured against pictures. @throws StudioError 'input-invalid', before anything runs. */
export function requirePictures(scale: Scale, data: string): void {
  if (scale === 'toy' || !isPromptData(data)) return;
  throw new StudioError(
    'input-invalid',
    `Students are measured against real pictures, and the data “${data}” has none.`,
    'Name a folder or zip of pictures as the data; nothing was started.',
    { field: 'data' },
  );
}
