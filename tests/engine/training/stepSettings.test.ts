/** No setting may change a step's graph without changing the name under which that graph is kept on disk. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import { z } from 'zod';

import { leavesOf, type Leaf } from '../../../engine/contract/field.ts';
import { parseRecipe, recipeSchema } from '../../../engine/contract/recipe.ts';
import { parseTeacherRecipe, teacherRecipeSchema } from '../../../engine/contract/teacherRecipe.ts';
import { createNetwork } from '../../../engine/model/registry.ts';
import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { findNativeEngine } from '../../../engine/tensor/native/nativeEngine.ts';
import { TeacherTrainer } from '../../../engine/training/teacherTrainer.ts';
import { nativeTest } from '../../support/nativeEngine.ts';
import { createToyTrainer, iterate } from '../../support/toyDistillation.ts';

type Graphs = ReadonlyMap<string, string>;
let cache: string;

beforeAll(async () => {
  if (findNativeEngine()) await activateBackend('tensorflow');
});
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'settings-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

/** The graphs that a training keeps in a cache that was empty, by name. */
async function graphsOf(name: string, train: () => Promise<void>): Promise<Graphs> {
  const folder = join(cache, name);
  vi.stubEnv('STILLROOM_CACHE', folder);
  await train();
  const files = readdirSync(join(folder, 'graphs'));
  return new Map(files.map((file) => [file, readFileSync(join(folder, 'graphs', file)).toString('base64')]));
}

function expectSafe(name: string, base: Graphs, other: Graphs): void {
  for (const [file, graph] of other)
    if (base.has(file))
      expect(graph === base.get(file), `${name} changes a graph under its old name`).toBe(true);
}

type Input = Readonly<Record<string, unknown>>;

/** Inputs that differ from `usual` in one setting each, by its path; all but `version` have another valid value. */
function variants(schema: z.ZodObject, usual: Input, parse: (input: Input) => unknown): [string, Input][] {
  return leavesOf(schema).flatMap((leaf) => {
    const inputs = otherValues(leaf).map((value) => changed(usual, leaf.path.split('.'), value));
    const valid = inputs.find((input) => {
      try {
        return parse(input);
      } catch {
        return false;
      }
    });
    return valid ? [[leaf.path, valid] as [string, Input]] : [];
  });
}

function otherValues({ schema }: Leaf): unknown[] {
  const usual = schema.parse(undefined);
  const { enum: choices = [] } = z.toJSONSchema(schema) as { enum?: unknown[] };
  if (typeof usual === 'number') return [usual + 1, usual + 16, usual / 2, usual + 0.01, usual - 0.01];
  const others = typeof usual === 'boolean' ? [!usual] : choices.length > 0 ? choices : [`${String(usual)}!`];
  return others.filter((value) => value !== usual);
}

function changed(input: Input, [name = '', ...rest]: readonly string[], value: unknown): Input {
  return { ...input, [name]: rest.length === 0 ? value : changed((input[name] ?? {}) as Input, rest, value) };
}

nativeTest('every setting of a distillation', async () => {
  const usual = { training: { batch: 3 }, student: { steps: 2 }, meanVariance: { weight: 0.1 } };
  const train = async (input: object) => {
    const trainer = createToyTrainer(parseRecipe(input));
    await iterate(trainer, 0, 2);
    trainer.dispose();
  };
  const base = await graphsOf('base', () => train(usual));
  expect(base.size).toBe(3);
  const others = variants(recipeSchema, usual, parseRecipe);
  expect(others).toHaveLength(leavesOf(recipeSchema).length - 1);
  for (const [path, input] of others) expectSafe(path, base, await graphsOf(path, () => train(input)));
});

nativeTest("every setting of a teacher's training", async () => {
  const network = createNetwork({ family: 'mlp', dimensions: 2, width: 8, layers: 2, classes: 3 });
  const train = async (input: object) => {
    const trainer = new TeacherTrainer(
      { network, dataDeviation: 0.5 },
      parseTeacherRecipe(input),
      (_, count) => ({ x1: new Float32Array(count * 2), condition: { classes: new Int32Array(count) } }),
    );
    await trainer.train(0);
    trainer.dispose();
  };
  const base = await graphsOf('base', () => train({}));
  expect(base.size).toBe(1);
  const others = variants(teacherRecipeSchema, {}, parseTeacherRecipe);
  expect(others).toHaveLength(leavesOf(teacherRecipeSchema).length - 1);
  for (const [path, input] of others) expectSafe(path, base, await graphsOf(path, () => train(input)));
});
