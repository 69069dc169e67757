/** A sweep's cells as they are measured in whatever process trains them; pictures are written where reports look. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TeacherSampling } from '../../../engine/sampling/sampler.ts';
import type { DistillationJob } from '../../../engine/training/distillationJob.ts';
import type { Measurer, Values } from './measurer.ts';
import { pictureFile, viewPicture } from './sweepFolder.ts';

/** For `distilRun`: measures the student, and keeps what teacher and fake score see of it at the plan's τ. */
export function measuredBy(
  measurer: Measurer,
  { pictures, runId, seed }: { readonly pictures: string; readonly runId: string; readonly seed: number },
): (job: DistillationJob) => Promise<Values> {
  return async (job) => {
    for (const tau of measurer.plan.measuring.taus) {
      for (const [role, picture] of Object.entries(await measurer.viewPictures(job, seed, tau)))
        await writeInto(pictureFile(pictures, viewPicture(runId, role, tau)), picture);
    }
    return measurer.student(job, seed);
  };
}

export async function measureBaseline(
  measurer: Measurer,
  sampling: TeacherSampling,
  seed: number,
  pictureFile: string,
): Promise<Values> {
  await writeInto(pictureFile, await measurer.baselinePicture(sampling, seed));
  return measurer.baseline(sampling, seed);
}

async function writeInto(file: string, contents: Buffer): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, contents);
}
