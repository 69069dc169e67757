/** The texts that cross a bridge: their schemas, their size caps, and errors as plain data. */
import { z } from 'zod';
import { StudioError } from '../../engine/contract/errors.ts';
import { failureSchema, type Failure } from '../../engine/contract/messages/define.ts';

/** Characters of one text. Requests are words and settings; answers may be long lists. */
export const textCaps = { toHost: 2 ** 20, toClient: 32 * 2 ** 20 } as const;

const callId = z.int().min(1);
const name = z.string().max(80);

export const toHostSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('request'), id: callId, name, input: z.unknown() }),
  z.strictObject({ kind: z.literal('cancel'), id: callId }),
  z.strictObject({ kind: z.literal('subscribe'), name }),
  z.strictObject({ kind: z.literal('unsubscribe'), name }),
]);
export type ToHost = z.infer<typeof toHostSchema>;

export const toClientSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('result'), id: callId, output: z.unknown() }),
  z.strictObject({ kind: z.literal('failure'), id: callId, error: failureSchema }),
  z.strictObject({ kind: z.literal('progress'), id: callId, done: z.number(), total: z.number() }),
  z.strictObject({ kind: z.literal('event'), name, payload: z.unknown() }),
]);
export type ToClient = z.infer<typeof toClientSchema>;

/** The frame of a text, or undefined for anything that is none: such a text has no effect. */
export function readFrame<S extends z.ZodType>(
  schema: S,
  text: unknown,
  cap: number,
): z.output<S> | undefined {
  if (typeof text !== 'string' || text.length > cap) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Parses with a schema; the first issue becomes an error that names its field. */
export function checked<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.map(String).join('.');
  throw new StudioError('input-invalid', `${what} is not valid: ${issue?.message ?? 'unknown reason'}.`, '', {
    ...(field && { field }),
    cause: parsed.error,
  });
}

const shortened = (text: string) => text.slice(0, 4000);

/** An error as it crosses; one that is no StudioError is `internal` and keeps its message. */
export function toFailure(error: unknown): Failure {
  if (error instanceof StudioError) {
    const { code, message, hint, field } = error;
    const known = { code, message: shortened(message), hint: shortened(hint) };
    return field === undefined ? known : { ...known, field: field.slice(0, 400) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    message: shortened(message),
    hint: 'This is a fault of Stillroom; the log has more.',
  };
}

export function fromFailure({ code, message, hint, field }: Failure): StudioError {
  return new StudioError(code, message, hint, field === undefined ? {} : { field });
}
