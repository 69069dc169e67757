/** Pictures of a sweep that belong to no run's frames: a file and a media id for each, the same whenever it is made. */
import path from 'node:path';
import { v5 as idOf } from 'uuid';

export const sweepPictures = (data: string): string => path.join(data, 'sweeps');

const NAMESPACE = 'c9a5f3c0-5a3f-4d0e-9d8e-3a0d8f6f1b52';

/** Of the teacher's samples. */
export const baselinePicture = (sweepId: string, variant: string, seed: number): string =>
  idOf(JSON.stringify([sweepId, variant, seed]), NAMESPACE);

/** What teacher and fake score made of a run's last samples at τ. */
export const viewPicture = (runId: string, role: string, tau: number): string =>
  idOf(JSON.stringify([runId, role, tau]), NAMESPACE);

export const pictureFile = (folder: string, id: string): string => path.join(folder, `${id}.png`);
