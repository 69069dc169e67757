/** What a teacher is for experiments: of points or of pictures, and what it learnt. */
import { z } from 'zod';
import type { ModelInfo } from '../../../engine/contract/modelInfo.ts';
import type { Scale } from '../../../engine/contract/sweep.ts';

export const scaleOf = ({ network }: ModelInfo): Scale => (network.family === 'mlp' ? 'toy' : 'images');

/** As its recipe named it; what a bundled teacher learnt where there is none. */
export function learntData(info: ModelInfo): string {
  const standard = scaleOf(info) === 'toy' ? 'toy' : 'demo';
  return z.object({ data: z.string() }).catch({ data: standard }).parse(info.made['recipe']).data;
}
