import { expect, test } from 'vitest';

import { parseOptions, usage } from './benchOptions.ts';

test('without words the usual sizes are measured on every backend', () => {
  const { mode, shapes, repeats } = parseOptions([]);
  expect({ mode, repeats, sizes: shapes.map(({ size }) => size) }).toEqual({
    mode: 'backends',
    repeats: 5,
    sizes: ['toy', 'DiT-4M'],
  });
});

test('every size is measured at every batch', () => {
  const { shapes } = parseOptions(['--sizes', 'toy,DiT-4M', '--batches', '8,16']);
  expect(shapes.map(({ size, batch }) => [size, batch])).toEqual([
    ['toy', 8],
    ['toy', 16],
    ['DiT-4M', 8],
    ['DiT-4M', 16],
  ]);
});

test.each([
  [['--sizes', 'huge'], /--sizes knows no “huge”/],
  [['--batches', '0'], /--batches must be a whole number from 1 to 4096/],
  [['--against', 'jax'], /--against knows no “jax”/],
  [['--size', 'toy'], /--size is neither an option/],
  [['--json'], /--json needs a value/],
  [['toy'], /“toy” belongs to no option/],
])('%s is refused by one sentence that names it', (words, message) => {
  expect(() => parseOptions(words)).toThrow(message);
});

test('the usage names every option', () => {
  const options = ['sizes', 'batches', 'precisions', 'repeats', 'backend', 'growth', 'against', 'json'];
  for (const option of options) expect(usage).toContain(`--${option}`);
});
