/** The lab shows what the paper says of its terms: CA alone flies apart, DM alone calms, and settings may change. */
import { beforeAll, expect, it } from 'vitest';
import type { LabPicture, LabSettings } from '../../../engine/contract/messages/lab2d.ts';
import { selectBackend } from '../../../engine/tensor/backends/selectBackend.ts';
import { ToyLab } from '../../../engine/training/toyLab.ts';

const both: LabSettings = {
  ...{ cfgAugmentation: 1, distributionMatching: 1, schedule: 'decoupled-hybrid', steps: 1 },
};
const length = (places: readonly number[]) => Math.hypot(...places) / Math.sqrt(places.length);
let lab: ToyLab;
let start: LabPicture;

beforeAll(async () => {
  await selectBackend({ prefer: 'tensorflow' });
  lab = await ToyLab.open();
  start = await lab.advance(both, 0, true);
});

it('begins at the teacher, where fake score and teacher are one', () => {
  expect(start).toMatchObject({ iteration: 0 });
  expect(start.points).toHaveLength(2 * start.classes.length);
  expect(length(start.dm)).toBe(0);
  expect(length(start.ca)).toBeGreaterThan(0.1);
});

it('flies apart by CA alone while the fake score, which only looks on, sees it; DM alone stays', async () => {
  const spear = await lab.advance({ ...both, distributionMatching: 0 }, 50, true);
  expect(spear.iteration).toBe(50);
  expect(spear.deviation).toBeGreaterThan(1.1 * start.deviation);
  expect(length(spear.dm)).toBeGreaterThan(0.05);
  const shield = await lab.advance({ ...both, cfgAugmentation: 0 }, 50, true);
  expect(Math.abs(shield.deviation - start.deviation)).toBeLessThan(0.1);
});

it('goes on from where it is when settings change, and stands still without weights', async () => {
  const before = await lab.advance(both, 5, true);
  const changed = await lab.advance({ ...both, schedule: 'coupled-shared', cfgAugmentation: 2 }, 0, false);
  expect(changed.iteration).toBe(5);
  expect(changed.points).toEqual(before.points);
  const none = { ...both, cfgAugmentation: 0, distributionMatching: 0 };
  expect(await lab.advance(none, 5, false)).toMatchObject({ iteration: 5, points: before.points });
  expect((await lab.advance({ ...both, steps: 2 }, 1, false)).iteration).toBe(6);
});
