/** Both ends of a bridge as types, derived from its contract: what does not fit does not compile. */
import type { z } from 'zod';
import type { Contract, Events, Request, Requests } from '../../engine/contract/messages/define.ts';

export interface CallOptions {
  /** Aborting rejects with 'cancelled' and tells the handler to stop. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

type InputOf<Q extends Request> = z.input<Q['input']>;
type Call<Q extends Request> = (
  ...words: InputOf<Q> extends Record<string, never>
    ? [input?: InputOf<Q>, options?: CallOptions]
    : [input: InputOf<Q>, options?: CallOptions]
) => Promise<z.output<Q['output']>>;

/** `api.projects.create({ name })` */
export type Api<R extends Requests> = {
  readonly [Domain in keyof R]: { readonly [Name in keyof R[Domain]]: Call<R[Domain][Name]> };
};

export interface HandlerContext {
  /** Aborted when the caller cancels or its window is gone. */
  readonly signal: AbortSignal;
  readonly progress: (done: number, total: number) => void;
}

type Handler<Q extends Request> = (
  input: z.output<Q['input']>,
  context: HandlerContext,
) => z.input<Q['output']> | Promise<z.input<Q['output']>>;

/** One handler for each request: a missing one does not compile. */
export type Handlers<R extends Requests> = {
  readonly [Domain in keyof R]: { readonly [Name in keyof R[Domain]]: Handler<R[Domain][Name]> };
};
export type DomainHandlers<R extends Requests[string]> = { readonly [Name in keyof R]: Handler<R[Name]> };

/** `runs.progress` and the like. */
export type EventName<E extends Events> = {
  [Domain in keyof E & string]: `${Domain}.${keyof E[Domain] & string}`;
}[keyof E & string];

export type Payload<E extends Events, N extends EventName<E>> = N extends `${infer Domain}.${infer Name}`
  ? z.output<E[Domain][Name]['payload']>
  : never;

export type Emit<E extends Events> = <N extends EventName<E>>(name: N, payload: Payload<E, N>) => void;

export type RequestsOf<C extends Contract> = C['requests'];
export type EventsOf<C extends Contract> = C['events'];
