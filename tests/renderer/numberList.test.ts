import { expect, test } from 'vitest';
import { parseNumbers } from '../../renderer/parts/gallery/numberList.ts';

const bounds = { least: 1, most: 100, atMost: 5 };

test.each([
  ['1-3, 7', [1, 2, 3, 7]],
  ['7 7，2', [7, 2]],
  ['', []],
  ['0', undefined],
  ['3-1', undefined],
  ['1-6', undefined],
  ['1 2 3 4 5 6', undefined],
  ['1e3', undefined],
  ['-1', undefined],
  ['101', undefined],
])('%j', (text, numbers) => {
  expect(parseNumbers(text, bounds)).toEqual(numbers);
});
