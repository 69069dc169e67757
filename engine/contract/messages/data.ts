/** Sets of pictures, with a report on every file at fault, and of prompts: those that come with Stillroom and added ones. */
import { z } from 'zod';
import { event, id, mediaId, nothing, request, time } from './define.ts';

export const findings = [
  'unreadable',
  'unsupported',
  'too-large',
  'duplicate',
  'tiny',
  'animated',
  'caption-unreadable',
] as const;
export type Finding = (typeof findings)[number];

/** Names of files that are pictures, also of kinds that cannot be used: those are reported. */
export const pictureName = /\.(png|jpe?g|webp|gif|avif|tiff?|bmp|svg|heic|heif|jxl|psd)$/i;

/** As a recipe's `data` names it: `demo`, `toy`, or for one that was added `data:<id>`, `prompts:<id>` without pictures. */
const dataName = z.string().min(1).max(80);

/** What the last reading counted: pictures by a report, or a text's prompts. */
export const dataSummarySchema = z.union([
  z.strictObject({ size: z.int(), used: z.int(), found: z.int(), classes: z.int() }),
  z.strictObject({ prompts: z.int() }),
]);
export type DataSummary = z.infer<typeof dataSummarySchema>;

export const dataSetSchema = z.strictObject({
  data: dataName,
  name: z.string(),
  origin: z.enum(['bundled', 'added']),
  /** `points` are a toy's and `prompts` a text's: nothing to report on. */
  kind: z.enum(['folder', 'zip', 'points', 'prompts']),
  /** The files are a copy in the data folder; otherwise they stay where the person keeps them. */
  isCopy: z.boolean(),
  addedAt: time.nullable(),
  /** Null before the first reading. */
  summary: dataSummarySchema.nullable(),
});
export type DataSet = z.infer<typeof dataSetSchema>;

export const fileNoteSchema = z.strictObject({
  file: z.string(),
  finding: z.enum(findings),
  /** One sentence: what was found and what was done. */
  message: z.string(),
});
export type FileNote = z.infer<typeof fileNoteSchema>;

/** So many of each list cross; `counts` tells of all. */
export const NOTES_SHOWN = 2000;

const countedSchema = z.strictObject({ name: z.string(), count: z.int() });

export const dataReportSchema = z.strictObject({
  /** Picture files; those used and those left out. */
  found: z.int(),
  used: z.int(),
  counts: z.partialRecord(z.enum(findings), z.int()),
  leftOut: z.array(fileNoteSchema).max(NOTES_SHOWN),
  /** Files used with a remark: a small one enlarged, an animation's first frame. */
  remarks: z.array(fileNoteSchema).max(NOTES_SHOWN),
  classes: z.array(countedSchema).max(NOTES_SHOWN),
  warnings: z.array(z.string()),
});
export type DataReport = z.infer<typeof dataReportSchema>;

export const previewSchema = z.strictObject({
  file: z.string(),
  /** Empty where the class is all that is known. */
  caption: z.string(),
  className: z.string(),
  /** As training sees it. */
  crop: mediaId,
  /** The whole picture, made smaller; `width` and `height` are the file's own, upright. */
  whole: mediaId,
  width: z.int(),
  height: z.int(),
});
export type Preview = z.infer<typeof previewSchema>;

export const inspectionSchema = z.strictObject({
  report: dataReportSchema,
  previews: z.array(previewSchema),
});
export type Inspection = z.infer<typeof inspectionSchema>;

/** So many prompts cross, each up to so many letters; `count` tells of all. */
export const PROMPTS_SHOWN = 200;
export const PROMPT_LETTERS = 300;

export const promptListSchema = z.strictObject({
  count: z.int(),
  prompts: z.array(z.string().max(PROMPT_LETTERS)).max(PROMPTS_SHOWN),
});
export type PromptList = z.infer<typeof promptListSchema>;

/** What a teacher recipe takes as `size`. */
export const imageSize = z.int().min(8).max(256).multipleOf(4);

export const dataRequests = {
  /** The bundled ones first, then the newest first. */
  list: request(nothing, z.array(dataSetSchema)),
  /**
   * Keeps a folder, zip or text of prompts that was uploaded or dropped, by the id under which that happened.
   * @throws 'not-found' for an unknown id, 'input-invalid' where nothing was uploaded or a text holds no prompts.
   */
  add: request(z.strictObject({ source: id }), dataSetSchema),
  /**
   * Reads every picture, which changes none, and says what it found. Reports progress, can be cancelled.
   * @throws 'input-invalid' where nothing can be used, 'not-found' where the files are gone.
   */
  inspect: request(z.strictObject({ data: dataName, size: imageSize }), inspectionSchema),
  /**
   * The first prompts of a text.
   * @throws 'input-invalid' where the set has pictures or the text none of them any more, 'not-found' where it is gone.
   */
  prompts: request(z.strictObject({ data: dataName }), promptListSchema),
  /**
   * Into the trash, a copy of ours with its files; a person's own files stay. The answer names the entry, for undo.
   * @throws 'busy' while a run needs it.
   */
  discard: request(z.strictObject({ data: dataName }), z.strictObject({ trashId: id })),
};

export const dataEvents = {
  /** Something about the list changed; ask for it again. */
  changed: event(nothing),
};
