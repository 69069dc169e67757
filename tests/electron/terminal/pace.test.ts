import { expect, test } from 'vitest';
import { Pace } from '../../../electron/terminal/pace.ts';

/** A clock that is moved by hand, in seconds. */
function createClock() {
  let seconds = 0;
  return { pass: (more: number) => void (seconds += more), now: () => seconds * 1000 };
}

test('before the first step nothing is known', () => {
  const pace = new Pace(0, () => 0);
  pace.advance(0);
  expect(pace.secondsPerStep).toBeNaN();
  expect(pace.remainingSeconds(10)).toBeNaN();
});

test('a slow first step and a sleep of the computer do not count', () => {
  const { pass, now } = createClock();
  const pace = new Pace(0, now);
  for (let step = 1; step <= 20; step++) {
    pass(step === 1 ? 30 : step === 12 ? 7200 : 0.5);
    pace.advance(step);
  }
  expect(pace.secondsPerStep).toBeCloseTo(0.5);
  expect(pace.remainingSeconds(100)).toBeCloseTo(40);
  expect(pace.elapsedSeconds).toBeCloseTo(30 + 7200 + 18 * 0.5);
});

test('sampling every 10 steps and saving every 20 are counted in', () => {
  const { pass, now } = createClock();
  const pace = new Pace(0, now);
  const between = (step: number, activity: string, seconds: number) => {
    pace.advance(step, activity);
    pass(seconds);
    pace.advance(step);
  };
  between(0, 'sampling', 3);
  for (let step = 1; step <= 45; step++) {
    pass(1);
    pace.advance(step);
    if (step % 10 === 0) between(step, 'sampling', 3);
    if (step % 20 === 0) between(step, 'saving', 5);
  }
  // 55 steps; samples at 50, 60, 70, 80, 90, 100; saves at 60, 80, 100.
  expect(pace.secondsPerStep).toBeCloseTo(1);
  expect(pace.remainingSeconds(100)).toBeCloseTo(55 + 6 * 3 + 3 * 5);
});

test('a resumed run is judged by its own steps', () => {
  const { pass, now } = createClock();
  const pace = new Pace(900, now);
  pass(4);
  pace.advance(902);
  expect(pace.secondsPerStep).toBeCloseTo(2);
  expect(pace.remainingSeconds(1000)).toBeCloseTo(98 * 2);
});

test('the newest 64 steps decide', () => {
  const { pass, now } = createClock();
  const pace = new Pace(0, now);
  for (let step = 1; step <= 200; step++) {
    pass(step <= 100 ? 9 : 1);
    pace.advance(step);
  }
  expect(pace.secondsPerStep).toBeCloseTo(1);
});
