import { expect, test } from 'vitest';
import {
  formatBytes,
  formatDuration,
  formatNumber,
  formatSeconds,
} from '../../../electron/terminal/quantities.ts';
import { meter, sparkline, Trend } from '../../../electron/terminal/trend.ts';

test.each([
  [0, '0:00'],
  [59.6, '1:00'],
  [3599.4, '59:59'],
  [3723, '1:02:03'],
  [100_800, '1 d 4 h'],
  [NaN, '—'],
  [Infinity, '—'],
])('%s seconds are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

test('numbers keep three digits without needless exponents', () => {
  expect([0, 0.03125, 18.94, 1204.4, 12, -0.5, 2.5e-6, NaN, -Infinity].map(formatNumber)).toEqual([
    '0',
    '0.0313',
    '18.9',
    '1204',
    '12',
    '-0.500',
    '2.5e-6',
    'NaN',
    '−∞',
  ]);
  expect([0.0212, 1.923, 119.6, 150].map(formatSeconds)).toEqual(['21.2 ms', '1.92 s', '120 s', '2:30']);
  expect([0, 999, 1.5e9, 2e15].map(formatBytes)).toEqual(['0 B', '999 B', '1.50 GB', '2000 TB']);
});

test('small pictures of numbers', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline([1, NaN, 1])).toBe('▄ ▄');
  expect(meter(0.5, 1, 4)).toBe('██  ');
  expect(meter(7, 1, 4)).toBe('████');
  expect(meter(NaN, 1, 4)).toBe('    ');
});

test('a trend of many values keeps its shape in few', () => {
  const trend = new Trend();
  for (let i = 0; i < 10_000; i++) trend.push(i);
  expect(trend.latest).toBe(9999);
  expect(trend.sparkline(8)).toBe('▁▂▃▄▅▆▇█');
});
