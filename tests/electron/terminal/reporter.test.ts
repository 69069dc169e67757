import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { createReporter } from '../../../electron/terminal/reporter.ts';
import { textWidth } from '../../../electron/terminal/textWidth.ts';
import { StudioError } from '../../../engine/contract/errors.ts';

function record(options: {
  json?: boolean;
  isTTY?: boolean;
  environment?: NodeJS.ProcessEnv;
  columns?: number;
}) {
  const { json = false, isTTY = false, environment = {}, columns = 80 } = options;
  const writes: string[] = [];
  let seconds = 0;
  const reporter = createReporter({
    json,
    environment,
    now: () => seconds * 1000,
    output: { isTTY, columns, write: (text) => writes.push(text) },
  });
  return { reporter, writes, pass: (more: number) => void (seconds += more) };
}

function train({ reporter, pass }: ReturnType<typeof record>, steps = 100, secondsPerStep = 0.5) {
  reporter.phase('Distilling', 'decoupled-hybrid');
  for (let done = 0; done <= steps; done++) {
    if (done > 0) pass(secondsPerStep);
    reporter.progress({ done, total: steps, unit: 'steps' });
    reporter.metrics({ loss: 1 / (done + 1), x_std: 0.5, not_shown: 3 });
  }
}

test('JSON mode: every line is one event and nothing else is written', () => {
  const recorded = record({ json: true, isTTY: true });
  train(recorded, 2);
  recorded.reporter.metrics({ loss: NaN });
  recorded.reporter.note('two\nlines');
  recorded.reporter.table({ columns: [{ label: 'a' }], rows: [[1]] });
  recorded.reporter.done('Saved.', { folder: '/tmp/x' });
  recorded.reporter.failed(new StudioError('disk-full', 'The disk is full.', 'Free some space.'));
  const text = recorded.writes.join('');
  expect(text.endsWith('\n')).toBe(true);
  const events = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events.map(({ event }) => event)).toEqual([
    'phase',
    'progress',
    'metrics',
    'progress',
    'metrics',
    'progress',
    'metrics',
    'metrics',
    'note',
    'table',
    'done',
    'failed',
  ]);
  expect(events[5]).toEqual({
    event: 'progress',
    atSeconds: 1,
    phase: 'Distilling',
    done: 2,
    total: 2,
    unit: 'steps',
    remainingSeconds: 0,
    secondsPerStep: 0.5,
  });
  expect(events[7]).toMatchObject({ done: 2, values: { loss: null } });
  expect(events.at(-1)).toMatchObject({
    code: 'disk-full',
    message: 'The disk is full.',
    hint: 'Free some space.',
  });
});

test('without a terminal: a plain line every few seconds, no control characters', () => {
  const recorded = record({});
  train(recorded);
  recorded.reporter.done('Done.');
  const lines = recorded.writes.join('').trimEnd().split('\n');
  expect(lines.join('')).not.toMatch(/\p{Cc}/u);
  expect(lines.length).toBeGreaterThan(9);
  expect(lines.length).toBeLessThan(16);
  expect(lines).toContain(
    'Distilling  100/100 steps  0:50 elapsed  0:00 left  2 it/s  loss 0.0100  x_std 0.500',
  );
});

test('on a terminal: redrawn in place, never wider than it is, and gone at the end', () => {
  for (const columns of [30, 60, 80, 140]) {
    const recorded = record({ isTTY: true, columns });
    train(recorded);
    const drawn = recorded.writes.join('');
    for (const line of drawn.split('\n'))
      expect(textWidth(stripVTControlCharacters(line))).toBeLessThan(columns);
    recorded.reporter.done('Done.');
    expect(readScreen(recorded.writes.join(''))).toEqual([
      '✓ Distilling  100 steps in 0:50  2 it/s',
      'Done.',
    ]);
  }
});

test('NO_COLOR is obeyed on a terminal', () => {
  const coloured = record({ isTTY: true });
  const plain = record({ isTTY: true, environment: { NO_COLOR: '1', FORCE_COLOR: '1' } });
  train(coloured);
  train(plain);
  const colour = /\u001b\[\d+m/;
  expect(coloured.writes.join('')).toMatch(colour);
  expect(plain.writes.join('')).not.toMatch(colour);
});

test('an error says what to do', () => {
  const { reporter, writes } = record({});
  reporter.failed(new StudioError('diverged', 'The loss is not finite.', 'Lower the learning rate.'));
  expect(writes.join('')).toBe('✗ The loss is not finite.\n  Lower the learning rate.\n');
});

/** What a terminal would show: cursor up, erase below and line feeds are all that is used. */
function readScreen(text: string): string[] {
  const lines: string[] = [''];
  let row = 0;
  for (const part of text.split(/(\n|\r|\u001b\[\d*[AJ])/)) {
    if (part === '\n') lines[++row] ??= '';
    else if (part.endsWith('A') && part.startsWith('\u001b')) row -= Number(part.slice(2, -1));
    else if (part === '\u001b[0J') lines.splice(row, Infinity, '');
    else if (part !== '\r') lines[row] = (lines[row] ?? '') + stripVTControlCharacters(part);
  }
  return lines.filter((line) => line !== '');
}
