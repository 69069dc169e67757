/** Projects: a name under which data, recipes and runs are kept together. */
import { z } from 'zod';
import { event, id, mediaId, nothing, request, time } from './define.ts';

export const projectSchema = z.strictObject({
  id,
  name: z.string(),
  createdAt: time,
  updatedAt: time,
  /** The project that comes with Stillroom. */
  isDemo: z.boolean(),
  runs: z.int().nonnegative(),
  /** Runs that are done. */
  students: z.int().nonnegative(),
  /** The newest sample of its newest run. */
  cover: mediaId.nullable(),
});
export type Project = z.infer<typeof projectSchema>;

/** Any length is let through here, so that the refusal names the field in words. */
const name = z.string().max(2000);

export const projectRequests = {
  /** The one touched last comes first. */
  list: request(nothing, z.array(projectSchema)),
  /** @throws 'input-invalid' with field `name`. */
  create: request(z.strictObject({ name }), projectSchema),
  /** Marks it as touched. @throws 'not-found'. */
  open: request(z.strictObject({ id }), projectSchema),
  rename: request(z.strictObject({ id, name }), projectSchema),
  /** Moves it with all its runs to the trash. @throws 'busy' while one of them trains. */
  discard: request(z.strictObject({ id }), nothing),
};

export const projectEvents = {
  /** Something about the list changed; ask for it again. */
  changed: event(nothing),
};
