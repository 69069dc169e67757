/** Where the files of a project lie: in its file as in the data folder, relative and with `/`. */
import { checkpointFolderName } from '../../../engine/training/checkpointManifest.ts';

interface Identified {
  readonly id: string;
}
interface OfRun {
  readonly runId: string;
}

export const modelKinds = ['teacher', 'student'] as const;
export const modelFiles = ['model.json', 'weights.safetensors'] as const;

/** Only in the project's file: the store keeps them. */
export const metricsPath = ({ id }: Identified): string => `runs/${id}/metrics.jsonl`;

export const modelPath = (
  { id }: Identified,
  kind: (typeof modelKinds)[number],
  file: (typeof modelFiles)[number],
): string => `runs/${id}/${kind}/${file}`;

/** Its folder. */
export const checkpointPath = ({ id, runId, step }: Identified & OfRun & { readonly step: number }): string =>
  `runs/${runId}/checkpoints/${checkpointFolderName(step, id)}`;

export const samplePath = ({ runId, file }: OfRun & { readonly file: string }): string =>
  `runs/${runId}/samples/${file}`;

export const itemPath = ({ id }: Identified): string => `gallery/${id}.png`;

/** Its folder, zip or text. */
export const dataSetPath = ({ id, file }: Identified & { readonly file: string }): string =>
  `datasets/${id}/${file}`;
