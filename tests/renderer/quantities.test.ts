import { expect, it } from 'vitest';
import { formatAgo, formatBytes, formatDuration } from '../../renderer/ui/quantities.ts';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 KB'],
  [123_456, '123 KB'],
  [4_200_000_000, '4.2 GB'],
  [5e15, '5000 TB'],
])('writes %d bytes as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  [0.4, '0 sec'],
  [59.4, '59 sec'],
  [90, '2 min'],
  [3600, '1 hr 0 min'],
  [5430, '1 hr 31 min'],
])('writes %d seconds as %s', (seconds, text) => {
  expect(formatDuration(seconds, 'en')).toBe(text);
});

it.each([
  [20, 'now'],
  [120, '2 minutes ago'],
  [26 * 3600, 'yesterday'],
  [800 * 86_400, '2 years ago'],
])('writes %d seconds before as %s', (seconds, text) => {
  const now = Date.parse('2026-01-10T12:00:00Z');
  expect(formatAgo(new Date(now - seconds * 1000).toISOString(), 'en', now)).toBe(text);
});
