/** `--on slurm` and what the cluster is asked for, the same for sweeps and experiments. */
import { clusterOptionsSchema, type ClusterOptions } from '../../engine/contract/cluster.ts';
import { StudioError } from '../../engine/contract/errors.ts';
import type { FlagKind, ParsedWords } from './command.ts';

/** What is asked for, by flag. */
export const clusterKinds = {
  on: 'string',
  partition: 'string',
  time: 'string',
  cpus: 'string',
  memory: 'string',
  gpus: 'string',
  parallel: 'string',
  sbatch: 'list',
} as const satisfies Readonly<Record<string, FlagKind>>;

export const clusterUsage = `  --on slurm       train on the cluster, one task a student; Ctrl-C cancels the tasks, the same command goes on
                   --partition NAME --time 24:00:00 --cpus 4 --memory 16G --gpus 0 (a task), --parallel 16 (tasks
                   at once), --sbatch=--account=lab (any other option of sbatch; may be repeated)`;

/** Undefined for this computer. @throws StudioError 'input-invalid'. */
export function clusterOf({
  flags,
  lists,
}: Pick<ParsedWords<keyof typeof clusterKinds>, 'flags' | 'lists'>): ClusterOptions | undefined {
  const { on, partition, time, cpus, memory, gpus, parallel } = flags;
  const given = {
    ...{ partition, time, memory, extra: lists['sbatch'] },
    ...{ cpus: numberOf(cpus), gpus: numberOf(gpus), parallel: numberOf(parallel) },
  };
  const asked = Object.entries(given).find(([, value]) => value !== undefined)?.[0];
  if (on === undefined && asked === undefined) return undefined;
  if (on !== 'slurm')
    throw new StudioError(
      'input-invalid',
      on === undefined ? `--${flagOf(asked ?? '')} is for a cluster alone.` : `There is no cluster “${on}”.`,
      'Say --on slurm, or leave it out to train on this computer; nothing was started.',
      { field: 'on' },
    );
  const { data, error } = clusterOptionsSchema.safeParse(given);
  if (data) return data;
  const [issue] = error.issues;
  const flag = flagOf(String(issue?.path[0] ?? 'on'));
  throw new StudioError(
    'input-invalid',
    `--${flag} cannot be that: ${issue?.message}.`,
    'Nothing was submitted.',
    {
      field: flag,
    },
  );
}

const flagOf = (name: string) => (name === 'extra' ? 'sbatch' : name);

const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text));
