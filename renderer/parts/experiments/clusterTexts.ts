/** What a cluster is asked for, as people type it, right or wrong. */
import type { ClusterOptions } from '../../../engine/contract/cluster.ts';

export type ClusterField = keyof ClusterOptions;

export const textsOf = ({ extra, ...options }: ClusterOptions): Record<ClusterField, string> => ({
  partition: options.partition,
  time: options.time,
  cpus: String(options.cpus),
  memory: options.memory,
  gpus: String(options.gpus),
  parallel: String(options.parallel),
  extra: extra.join(' '),
});

/** Other options are separated by spaces. */
export const optionsOf = ({
  partition,
  time,
  cpus,
  memory,
  gpus,
  parallel,
  extra,
}: Record<ClusterField, string>): ClusterOptions => ({
  ...{ partition: partition.trim(), time: time.trim(), memory: memory.trim() },
  ...{ cpus: numberOf(cpus), gpus: numberOf(gpus), parallel: numberOf(parallel) },
  extra: extra.split(/\s+/).filter((option) => option !== ''),
});

/** An empty field is no zero. */
const numberOf = (text: string): number => (text.trim() === '' ? NaN : Number(text));
