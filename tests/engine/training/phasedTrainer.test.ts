import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect } from 'vitest';

import { parseRecipe } from '../../../engine/contract/recipe.ts';
import { tensor } from '../../../engine/tensor/tf.ts';
import { readCheckpoint } from '../../../engine/training/checkpoint.ts';
import { checkpointStudent } from '../../../engine/training/checkpointStudent.ts';
import { openDistillation, studentInfo } from '../../../engine/training/distillationJob.ts';
import { readModel, writeModel } from '../../../engine/training/modelFile.ts';
import { createModelSampler } from '../../../engine/training/modelSampler.ts';
import { runTraining } from '../../../engine/training/trainingRun.ts';
import { listCheckpoints } from '../../../engine/training/checkpointFolder.ts';
import { onEachBackend } from '../../support/backends.ts';
import { expectClose, Golden } from '../../support/golden.ts';
import {
  createToyTrainer,
  iterate,
  roleWeights,
  stateValues,
  type TrainerHeader,
} from '../../support/toyDistillation.ts';

describe('Phased DMD', () => {
  onEachBackend((run) => {
    run.each(['each', 'one'])('experts %s: both phases end where torch ends', async (name) => {
      const golden = new Golden<TrainerHeader>('phased-mlp');
      const recipe = parseRecipe(golden.header.recipes[name]);
      const trainer = createToyTrainer(recipe, 'mlp', 'auto', golden);
      const metrics: Record<string, number>[] = [];
      for (let i = 0; i < golden.header.iterations; i++) metrics.push(await trainer.iterate(i));
      for (const [role, prefix] of [
        ['student', 'student'],
        ['average', 'studentAdam.ema'],
        ['fake', 'fake'],
        ...(name === 'each' ? [['first', 'experts.0'] as const] : []),
      ] as const)
        await golden.expectNamed(roleWeights(trainer, prefix), `${name}.${role}`);
      for (const metric of golden.names(`${name}.metric`)) {
        const values = metrics.map((one) => one[metric] ?? NaN);
        expectClose(values, golden.values(`${name}.metric.${metric}`), metric, 1e-3);
      }
      trainer.dispose();
    });

    run.each([2, 3])('a run resumed after %i of 6 iterations equals an uninterrupted one', async (from) => {
      const golden = new Golden<TrainerHeader>('phased-mlp');
      const recipe = parseRecipe(golden.header.recipes['each']);
      const [whole, first, resumed] = [0, 1, 2].map(() => createToyTrainer(recipe));
      if (!whole || !first || !resumed) throw new Error('three trainers are needed');
      await iterate(whole, 0, 6);
      await iterate(first, 0, from);
      const saved = await stateValues(first);
      const shapes = Object.entries(first.state.read()).map(([name, { shape }]) => [name, shape] as const);
      resumed.state.write(
        Object.fromEntries(shapes.map(([name, shape]) => [name, tensor(saved[name] ?? [], shape)])),
      );
      await iterate(resumed, from, 6);
      expect(await stateValues(resumed)).toEqual(await stateValues(whole));
      for (const trainer of [whole, first, resumed]) trainer.dispose();
    });

    run('its model, its checkpoints and a resumed job sample as the run does, expert by expert', async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'phased-'));
      const recipe = parseRecipe({
        ...{ teacher: 'toy', data: 'classes', method: 'phased' },
        ...{ student: { steps: 3 }, training: { iterations: 4, batch: 8 } },
        optimizer: { learningRate: 1e-2 },
      });
      const request = { seed: 1, count: 16, condition: { classes: new Int32Array(16).fill(2) } };
      const run = (job: Awaited<ReturnType<typeof openDistillation>>, iterations: number) =>
        runTraining(job, {
          ...{ runFolder: folder, iterations, checkpointEvery: 100, sampleEvery: 100 },
          description: { kind: 'distillation' },
          ...{ onMetrics: () => undefined, onCheckpoint: () => undefined, onSample: () => undefined },
        });
      try {
        const job = await openDistillation(recipe);
        await run(job, 3);
        const samples = (await job.sample(request)).values;
        const info = studentInfo(job, {});
        expect(info).toMatchObject({ solver: 'ode', times: job.times, experts: [0, job.times[2]] });
        await writeModel(path.join(folder, 'model'), info, job.studentWeights());
        const sampler = createModelSampler(await readModel(path.join(folder, 'model')), {
          steps: 50,
          guidance: 1,
        });
        expectClose((await sampler.generate(request)).values, samples, 'model', 1e-5);
        sampler.dispose();
        const [checkpoint] = (await listCheckpoints(folder)).checkpoints;
        const contents = await readCheckpoint(checkpoint?.folder ?? '');
        expect(checkpointStudent(recipe, contents.state.step, contents.weights)).toEqual(
          job.studentWeights(),
        );
        const resumed = await openDistillation(recipe);
        await runTraining(resumed, {
          ...{ runFolder: folder, iterations: 3, checkpointEvery: 100, sampleEvery: 100, from: contents },
          description: { kind: 'distillation' },
          ...{ onMetrics: () => undefined, onCheckpoint: () => undefined, onSample: () => undefined },
        });
        expect((await resumed.sample(request)).values).toEqual(samples);
        job.dispose();
        resumed.dispose();
        await expect(
          openDistillation({ ...recipe, teacher: path.join(folder, 'model') }),
        ).rejects.toMatchObject({ code: 'input-invalid', field: 'teacher' });
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  });
});
