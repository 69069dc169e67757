/** The one error that crosses module and process borders: what happened, and what to do. */

export const studioErrorCodes = [
  'recipe-invalid',
  'input-invalid',
  'file-invalid',
  'not-found',
  'disk-full',
  'busy',
  'engine-unavailable',
  'cluster-unavailable',
  'connection-lost',
  'diverged',
  'cancelled',
  'internal',
] as const;
export type StudioErrorCode = (typeof studioErrorCodes)[number];

export class StudioError extends Error {
  override readonly name = 'StudioError';
  readonly code: StudioErrorCode;
  /** What the user can do about it; one sentence. */
  readonly hint: string;
  /** The recipe path concerned, e.g. `guidance.scale`. */
  readonly field: string | undefined;

  constructor(
    code: StudioErrorCode,
    message: string,
    hint = '',
    options: { field?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = hint;
    this.field = options.field;
  }
}
