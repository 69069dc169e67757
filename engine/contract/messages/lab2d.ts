/** The 2-D lab: the bundled toy distilled live, with what CA and DM push at each point. */
import { z } from 'zod';
import { renoisingSchedules } from '../recipe.ts';
import { request } from './define.ts';

/** May change at any time; the next iteration follows it. */
export const labSettingsSchema = z.strictObject({
  cfgAugmentation: z.number().min(0).max(4),
  distributionMatching: z.number().min(0).max(4),
  schedule: z.enum(renoisingSchedules),
  /** Of the student. */
  steps: z.int().min(1).max(4),
});
export type LabSettings = z.infer<typeof labSettingsSchema>;

/** x and y of each point, point after point. */
const places = z.array(z.number());

const labPictureSchema = z.strictObject({
  iteration: z.int(),
  /** What the student makes of always the same noise. */
  points: places,
  /** One a point. */
  classes: z.array(z.int()),
  /** Δ_CA and Δ_DM at each point, as velocities and without their weights: averages over some noise levels. */
  ca: places,
  dm: places,
  /** Standard deviation over all coordinates; the data's is 1. */
  deviation: z.number(),
});
export type LabPicture = z.infer<typeof labPictureSchema>;

export const lab2dRequests = {
  /** Iterates so many times from where the lab is, or from the teacher's weights, and looks. */
  advance: request(
    z.strictObject({ settings: labSettingsSchema, iterations: z.int().min(0).max(50), restart: z.boolean() }),
    labPictureSchema,
  ),
  /** Points of the data that the toy's teacher learnt. */
  data: request(z.strictObject({}), z.strictObject({ points: places, classes: z.array(z.int()) })),
};
