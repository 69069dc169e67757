/** Every change of the database's form, in order. A released one is never edited: add the next. */

import type { Migration } from 'kysely/migration';
import { projectsAndRuns } from './001-projectsAndRuns.ts';
import { metrics } from './002-metrics.ts';
import { samples } from './003-samples.ts';
import { studio } from './004-studio.ts';
import { dataSets } from './005-dataSets.ts';
import { gallery } from './006-gallery.ts';
import { trash } from './007-trash.ts';
import { sweeps } from './008-sweeps.ts';
import { clusterTasks } from './009-clusterTasks.ts';
import { dataSetsInTrash } from './010-dataSetsInTrash.ts';

export const migrations: Readonly<Record<string, Migration>> = {
  '001-projectsAndRuns': projectsAndRuns,
  '002-metrics': metrics,
  '003-samples': samples,
  '004-studio': studio,
  '005-dataSets': dataSets,
  '006-gallery': gallery,
  '007-trash': trash,
  '008-sweeps': sweeps,
  '009-clusterTasks': clusterTasks,
  '010-dataSetsInTrash': dataSetsInTrash,
};
