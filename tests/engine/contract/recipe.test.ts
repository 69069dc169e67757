import { describe, expect, test } from 'vitest';

import { StudioError } from '../../../engine/contract/errors.ts';
import { distillationMethods } from '../../../engine/contract/baselineFields.ts';
import { usesSetting } from '../../../engine/contract/methodSettings.ts';
import { fields, leavesOf } from '../../../engine/contract/field.ts';
import { aimedGuidance, parseRecipe, recipeSchema, type Recipe } from '../../../engine/contract/recipe.ts';
import { studentSampling } from '../../../engine/contract/studentSampling.ts';
import { parseTeacherRecipe, teacherRecipeSchema } from '../../../engine/contract/teacherRecipe.ts';
import { activateBackend } from '../../../engine/tensor/backends/backend.ts';
import { createToyTrainer, iterate } from '../../support/toyDistillation.ts';

function fault(parse: () => unknown): StudioError {
  try {
    parse();
  } catch (error) {
    if (error instanceof StudioError) return error;
    throw error;
  }
  throw new Error('the recipe was accepted');
}

/** The recipe, noting the dotted path of each leaf that is read. */
function recording<T extends object>(target: T, read: Set<string>, prefix = ''): T {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key);
      if (typeof key === 'symbol') return value;
      const path = prefix + key;
      if (typeof value === 'object' && value !== null) return recording(value, read, `${path}.`);
      read.add(path);
      return value;
    },
  });
}

describe('recipes', () => {
  test.each([
    { what: 'an unknown setting', recipe: { guidanse: 3 }, field: 'guidanse' },
    { what: 'an unknown setting of a section', recipe: { guidance: { scal: 3 } }, field: 'guidance.scal' },
    { what: 'a number out of bounds', recipe: { student: { steps: 9 } }, field: 'student.steps' },
    { what: 'a fraction of a step', recipe: { student: { steps: 1.5 } }, field: 'student.steps' },
    { what: 'not a number', recipe: { guidance: { scale: NaN } }, field: 'guidance.scale' },
    { what: 'a text for a number', recipe: { guidance: { scale: '3' } }, field: 'guidance.scale' },
    { what: 'an unknown choice', recipe: { renoising: { schedule: 'x' } }, field: 'renoising.schedule' },
    { what: 'a future version', recipe: { version: 2 }, field: 'version' },
    {
      what: 'an empty range',
      recipe: { cfgAugmentation: { rangeMin: 0.5, rangeMax: 0.5 } },
      field: 'cfgAugmentation.rangeMin',
    },
    {
      what: 'no term at all',
      recipe: { cfgAugmentation: { weight: 0 }, distributionMatching: { weight: 0 } },
      field: 'cfgAugmentation.weight',
    },
    {
      what: 'a skip over all levels',
      recipe: { method: 'consistency', consistency: { levels: 4, skip: 4 } },
      field: 'consistency.skip',
    },
    {
      what: 'more stages than iterations',
      recipe: { method: 'progressive', training: { iterations: 2 } },
      field: 'progressive.stages',
    },
    { what: 'a list', recipe: [], field: '' },
  ])('$what is refused by name', ({ recipe, field }) => {
    const error = fault(() => parseRecipe(recipe));
    expect(error).toMatchObject({ code: 'recipe-invalid', field });
    expect(error.message).toContain(field);
    expect(error.hint).not.toBe('');
  });

  test("a teacher's network must fit its images", () => {
    expect(fault(() => parseTeacherRecipe({ size: 32, network: { patch: 5 } })).field).toBe('network.patch');
    const heads = { width: 32, heads: 3 };
    expect(fault(() => parseTeacherRecipe({ network: heads })).field).toBe('network.heads');
  });

  test.each([
    ['decoupled-dmd', 1],
    ['phased', 1],
    ['consistency', 3],
    ['progressive', 3],
  ] as const)('%s without CA aims at the teacher guided by %d, with it by 3', (method, scale) => {
    const recipe = { method, student: { steps: 2 }, guidance: { scale: 3 } };
    expect(aimedGuidance(parseRecipe({ ...recipe, cfgAugmentation: { weight: 0 } }))).toBe(scale);
    expect(aimedGuidance(parseRecipe(recipe))).toBe(3);
  });

  test('an empty recipe is d-DMD with every setting filled in, and parsing again changes nothing', () => {
    const recipe = parseRecipe({});
    expect(recipe).toMatchObject({
      version: 1,
      student: { steps: 1 },
      guidance: { scale: 2.5 },
      cfgAugmentation: { weight: 1 },
      distributionMatching: { weight: 1 },
      meanVariance: { weight: 0 },
      renoising: { schedule: 'decoupled-hybrid' },
    });
    expect(parseRecipe(recipe)).toEqual(recipe);
    expect(parseRecipe(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
    const teacher = parseTeacherRecipe({});
    expect(parseTeacherRecipe(teacher)).toEqual(teacher);
  });

  test.each([
    ...leavesOf(recipeSchema).map((leaf) => ({ of: 'recipe', ...leaf })),
    ...leavesOf(teacherRecipeSchema).map((leaf) => ({ of: 'teacher recipe', ...leaf })),
  ])('$of: $path has a label, a help text, a page and a default', ({ schema }) => {
    const info = fields.get(schema);
    expect(info?.label).toMatch(/\S/);
    expect(info?.help).toMatch(/\.$/);
    expect(info?.step).toMatch(/^(data|teacher|student|terms|schedule|training)$/);
    expect(schema.safeParse(undefined).success).toBe(true);
  });

  test.each(distillationMethods)(
    '%s: the engine reads every setting that the method uses',
    async (method) => {
      await activateBackend('wasm');
      const forTheHost = [
        'version',
        'name',
        'teacher',
        'data',
        'training.checkpointEvery',
        'training.sampleEvery',
        ...['supervision.chooseBest', 'supervision.patience', 'supervision.retunes'].filter((path) =>
          usesSetting(method, path),
        ),
      ];
      const read = new Set<string>();
      const recipe: Recipe = parseRecipe({
        method,
        student: { steps: 2 },
        meanVariance: { weight: 1 },
        gan: { weight: 1 },
        training: { batch: 2 },
      });
      const recorded = recording(recipe, read);
      studentSampling(recorded, 1);
      const trainer = createToyTrainer(recorded);
      await iterate(trainer, 0, 1);
      trainer.dispose();
      // How a training is divided is the trainer's only where it has stages.
      const isDivided = method === 'progressive' || method === 'phased';
      const hosts = isDivided ? forTheHost : [...forTheHost, 'training.iterations'];
      const paths = leavesOf(recipeSchema)
        .map((leaf) => leaf.path)
        .filter((path) => usesSetting(method, path));
      expect([...read].sort()).toEqual(paths.filter((path) => !hosts.includes(path)).sort());
      expect(forTheHost.filter((path) => !paths.includes(path))).toEqual([]);
    },
  );
});
