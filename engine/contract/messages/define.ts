/** How a message is declared: once, by its schemas; both ends and their types are derived from that. */
import { z } from 'zod';
import { studioErrorCodes } from '../errors.ts';

export interface Request<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly input: I;
  readonly output: O;
}

export interface Event<P extends z.ZodType = z.ZodType> {
  readonly payload: P;
  /** Two payloads of one key that wait for the same window become one; without it all wait together. */
  keyOf(payload: z.output<P>): string;
  /** Joins what waits with what comes; without it the newer replaces the older. */
  merge(waiting: z.output<P>, next: z.output<P>): z.output<P>;
}

/** Domain → name → request; `projects.create` on the wire. */
export type Requests = Readonly<Record<string, Readonly<Record<string, Request>>>>;
/** Domain → name → event; `runs.progress` on the wire. */
export type Events = Readonly<Record<string, Readonly<Record<string, Event>>>>;

export interface Contract<R extends Requests = Requests, E extends Events = Events> {
  readonly requests: R;
  readonly events: E;
}

export function request<I extends z.ZodType, O extends z.ZodType>(input: I, output: O): Request<I, O> {
  return { input, output };
}

/** An event. Windows get at most ten a second of each key, whatever happens in between. */
export function event<P extends z.ZodType>(
  payload: P,
  options: Partial<Pick<Event<P>, 'keyOf' | 'merge'>> = {},
): Event<P> {
  return { payload, keyOf: () => '', merge: (_waiting, next) => next, ...options };
}

/** Input or output of a request that needs none. */
export const nothing = z.strictObject({});

export const id = z.uuid();
/** An opaque name of a picture; `media` of the client makes an address of it. */
export const mediaId = z.string().regex(/^[a-z]+\/[0-9a-f-]{32,36}$/);
export const time = z.iso.datetime();

/** What went wrong, as it crosses processes; see `StudioError`. */
export const failureSchema = z.strictObject({
  code: z.enum(studioErrorCodes),
  message: z.string().max(4000),
  hint: z.string().max(4000),
  field: z.string().max(400).optional(),
});
export type Failure = z.infer<typeof failureSchema>;
