/** What a cluster's scheduler is asked for with a sweep, whatever its recipe. */
import { z } from 'zod';

/** What Stillroom decides itself, so that results are found and tasks can be resumed. */
const decided =
  /^--(array|batch|chdir|error|export(-file)?|help|input|job-name|no-requeue|open-mode|output|parsable|quiet|requeue|signal|test-only|usage|version|wait|wrap)(=|$)/;

export const clusterOptionsSchema = z.strictObject({
  /** Empty: the cluster's own default. */
  partition: z
    .string()
    .max(200)
    .regex(/^[\w.,-]*$/, 'letters, digits, points, commas and hyphens')
    .default(''),
  /** Of one student: `minutes`, `hours:minutes:seconds` or `days-hours:minutes:seconds`. */
  time: z
    .string()
    .regex(/^(\d{1,6}|(\d{1,3}-)?\d{1,3}:\d{2}:\d{2})$/, 'minutes, or hours:minutes:seconds')
    .default('24:00:00'),
  cpus: z.int().min(1).max(1024).default(4),
  /** Of one student, with SLURM's units: `16G`. */
  memory: z
    .string()
    .regex(/^\d{1,9}[KMGT]?$/, 'a number with K, M, G or T')
    .default('16G'),
  gpus: z.int().min(0).max(64).default(0),
  /** Students that train at once. */
  parallel: z.int().min(1).max(1000).default(16),
  /** More options of sbatch, e.g. `--account=lab`. */
  extra: z
    .array(
      z
        .string()
        .max(500)
        .regex(/^--[a-z][a-z-]*(=[^\p{Cc}]*)?$/u, 'options as --name=value')
        .refine((option) => !decided.test(option), 'another one, since Stillroom sets this one itself'),
    )
    .max(50)
    .default([]),
});
export type ClusterOptions = z.output<typeof clusterOptionsSchema>;
