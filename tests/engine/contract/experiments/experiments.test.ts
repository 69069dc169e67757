import { describe, expect, test } from 'vitest';
import { sweepOf } from '../../../../engine/contract/experiments/experiment.ts';
import { experimentNamed, experiments } from '../../../../engine/contract/experiments/experiments.ts';
import { describeMeasure } from '../../../../engine/contract/experiments/measures.ts';
import { cellsOf, sweepSchema } from '../../../../engine/contract/sweep.ts';

const choices = [
  { scale: 'toy', teacher: 'toy', data: 'toy', seeds: [1, 2, 3] },
  { scale: 'images', teacher: 'emoji', data: 'demo', seeds: [4, 5, 6] },
] as const;

describe.each(experiments.map((experiment) => ({ experiment, id: experiment.id })))(
  '$id',
  ({ experiment }) => {
    test.each(choices)('plans right recipes for $teacher, each variant with each seed', (choice) => {
      const sweep = sweepOf(experiment, choice);
      expect(sweepSchema.parse(sweep)).toEqual(sweep);
      const cells = cellsOf(sweep);
      expect(cells).toHaveLength((experiment.variants.length + experiment.baselines.length) * 3);
      for (const { recipe, seed } of cells) {
        if (recipe) expect(recipe).toMatchObject({ teacher: choice.teacher, data: choice.data, seed });
      }
      // Everything but its own changes is the same in every variant.
      const budgets = new Set(
        cells.flatMap(({ recipe }) => (recipe ? [JSON.stringify(recipe.training)] : [])),
      );
      expect(budgets.size).toBeLessThanOrEqual(1);
    });

    test('claims only what it measures', () => {
      const keys = [...experiment.variants, ...experiment.baselines].map(({ key }) => key);
      expect(new Set(keys).size).toBe(keys.length);
      expect(experiment.statements.length).toBeGreaterThan(0);
      for (const { left, right } of experiment.statements) {
        for (const quantity of [left, ...(typeof right === 'number' ? [] : [right])]) {
          expect(keys).toContain(quantity.variant);
          expect(experiment.measures).toContain(quantity.measure);
        }
      }
      for (const measure of experiment.measures) expect(describeMeasure(measure).explanation).not.toBe('');
    });
  },
);

test('an unknown experiment is named together with those there are', () => {
  expect(() => experimentNamed('ablaton')).toThrow('There is no experiment “ablaton”.');
});
