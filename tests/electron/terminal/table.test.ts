import { expect, test } from 'vitest';
import { bestRows, renderTable, type Table } from '../../../electron/terminal/table.ts';
import { textWidth, truncate } from '../../../electron/terminal/textWidth.ts';

const table: Table = {
  columns: [
    { label: 'model' },
    { label: 'FID', best: 'lowest' },
    { label: 'recall', unit: 'share', best: 'highest' },
  ],
  rows: [
    ['教師 50 歩', 9.2, 0.8],
    ['student 🐙', 18.2, 0.6],
    ['one step', 23.9, null],
    ['untrained', NaN, 0.6],
    ['worse', 30, 0.5],
  ],
  references: 1,
};

test('numbers stand in one column behind wide characters', () => {
  expect(renderTable(table)).toBe(
    [
      'model        FID    recall',
      '                     share',
      '────────────────────────────',
      '教師 50 歩  9.20     0.800',
      'student 🐙  18.2 ★   0.600 ★',
      'one step    23.9         —',
      'untrained    NaN     0.600 ★',
      'worse         30     0.500',
      '',
    ].join('\n'),
  );
});

test('the reference, the unknown and the not finite are never best; ties are all marked', () => {
  expect(bestRows(table, 0)).toEqual(new Set());
  expect(bestRows(table, 1)).toEqual(new Set([1]));
  const tie: Table = { columns: [{ label: 'x', best: 'lowest' }], rows: [[2], [1.0001], [1.0002]] };
  expect(bestRows(tie, 0)).toEqual(new Set([1, 2]));
  expect(bestRows({ ...tie, rows: [[1], [1]] }, 0)).toEqual(new Set());
});

test('text of others cannot move the cursor or break the line', () => {
  const hostile: Table = { columns: [{ label: 'x' }], rows: [['a\u001b[2Jb\nc\rd\u2028e']] };
  expect(renderTable(hostile).split('\n')[2]).toBe('ab c d e');
});

test('cutting never splits a character and keeps within the width', () => {
  for (const width of [1, 2, 5, 6, 7]) {
    const cut = truncate('教師👩‍🚀の画像', width);
    expect(textWidth(cut)).toBeLessThanOrEqual(width);
    expect(cut.isWellFormed()).toBe(true);
  }
  expect(truncate('教師の', 5)).toBe('教師…');
  expect(truncate('short', 5)).toBe('short');
});
