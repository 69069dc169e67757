/** The library: everything that was made, where it came from, what it takes on disk, and the trash. */
import { z } from 'zod';
import { event, id, nothing, request, time } from './define.ts';

export const nodeSchema = z.strictObject({
  /** `data:<name or id>`, `teacher:<name>` of a bundled or added one, or `run:<id>`. */
  key: z.string(),
  kind: z.enum(['data', 'teacher', 'student']),
  name: z.string(),
  projectName: z.string().nullable(),
  runId: id.nullable(),
  status: z.enum(['queued', 'running', 'paused', 'done', 'failed']).nullable(),
  /** Keys of what it was made from; a parent may be in the trash and missing here. */
  parents: z.array(z.strictObject({ key: z.string(), relation: z.enum(['data', 'teacher', 'fork']) })),
  bytes: z.number(),
  checkpoints: z.int(),
  createdAt: time.nullable(),
  /** There is a model to export. */
  canExport: z.boolean(),
});
export type LibraryNode = z.infer<typeof nodeSchema>;

export const trashEntrySchema = z.strictObject({
  id,
  kind: z.enum(['project', 'run', 'pictures', 'data']),
  name: z.string(),
  /** Things in it: runs of a project, pictures. */
  count: z.int(),
  bytes: z.number(),
  discardedAt: time,
});
export type TrashEntry = z.infer<typeof trashEntrySchema>;

export const libraryRequests = {
  list: request(nothing, z.strictObject({ nodes: z.array(nodeSchema), trash: z.array(trashEntrySchema) })),
  /** Into the trash. The answer names the entry, for undo. @throws 'busy' while it trains. */
  discardRun: request(z.strictObject({ runId: id }), z.strictObject({ trashId: id })),
  /** Brings an entry of the trash back as it was. @throws 'busy' for a run whose project is in the trash. */
  restore: request(z.strictObject({ trashId: id }), nothing),
  /** Deletes what is in the trash for good. */
  emptyTrash: request(nothing, z.strictObject({ bytes: z.number() })),
  /**
   * Writes a run's model, or its newest checkpoint's, as a folder below the data folder's `exports`, reads it back and
   * compares every weight before it answers.
   */
  exportModel: request(
    z.strictObject({ runId: id, numbers: z.enum(['F32', 'F16', 'BF16']) }),
    z.strictObject({ folder: z.string(), bytes: z.number(), weights: z.int() }),
  ),
};

export const libraryEvents = {
  /** Something came or went; ask for the list again. */
  changed: event(nothing),
};
