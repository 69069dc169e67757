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
  /**
   * Writes a project as one file: to where a dialog said, or else to where a browser may fetch it as `media` until the
   * next one is saved. Reports progress in bytes, can be cancelled.
   * @throws 'busy' while a run of it trains, 'disk-full'; nothing is left behind then.
   */
  save: request(
    z.strictObject({
      id,
      /** Takes the picture sets that its recipes name along. */
      withPictures: z.boolean(),
      target: id.nullable(),
    }),
    z.strictObject({ bytes: z.number(), media: mediaId.nullable() }),
  ),
  /** What a .stillroom file that was chosen, dropped or uploaded holds. @throws 'file-invalid' where it is neither. */
  kindOfFile: request(
    z.strictObject({ source: id }),
    z.strictObject({ kind: z.enum(['project', 'engine']) }),
  ),
  /**
   * Adds the project of such a file. Reports progress in bytes, can be cancelled.
   * @throws 'file-invalid', 'disk-full', 'busy' while another is opened; nothing was changed then.
   */
  openFile: request(z.strictObject({ source: id }), projectSchema),
};

export const projectEvents = {
  /** Something about the list changed; ask for it again. */
  changed: event(nothing),
};
