/** The asking end of a bridge. It outlives its transport: a new one can be attached when a connection was lost. */
import { StudioError } from '../../engine/contract/errors.ts';
import type { Contract, Event, Request, Requests } from '../../engine/contract/messages/define.ts';
import type { Api, CallOptions, EventName, EventsOf, Payload, RequestsOf } from './api.ts';
import { checked, fromFailure, readFrame, textCaps, toClientSchema, type ToHost } from './frames.ts';
import type { Transport } from './transport.ts';

interface Pending {
  readonly request: Request;
  readonly name: string;
  readonly options: CallOptions;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: StudioError) => void;
}

type Listener = (payload: unknown) => void;

export interface Client<C extends Contract> {
  readonly api: Api<RequestsOf<C>>;
  /** Returns what ends the subscription. The listener hears at most ten of each key a second. */
  on<N extends EventName<EventsOf<C>>>(
    name: N,
    listener: (payload: Payload<EventsOf<C>, N>) => void,
  ): () => void;
  /** Goes on over another transport; what was subscribed stays so. */
  attach(transport: Transport): void;
  close(): void;
}

export function connect<C extends Contract>(contract: C, transport?: Transport): Client<C> {
  const calls = new Calls();
  const listeners = new Map<string, Set<Listener>>();
  const api = apiOf<RequestsOf<C>>(contract.requests, calls);

  const attach = (next: Transport) => {
    calls.attach(next, (name, payload) => {
      const parsed = eventNamed(contract, name)?.payload.safeParse(payload);
      if (parsed?.success) for (const listener of listeners.get(name) ?? []) listener(parsed.data);
    });
    for (const name of listeners.keys()) calls.tell({ kind: 'subscribe', name });
  };
  if (transport) attach(transport);

  return {
    api,
    attach,
    close: () => calls.close(),
    on(name, listener) {
      // The payload was parsed by the schema from which the listener's type is derived.
      const heard = listener as Listener;
      const others = listeners.get(name);
      if (others) others.add(heard);
      else {
        listeners.set(name, new Set([heard]));
        calls.tell({ kind: 'subscribe', name });
      }
      return () => {
        const all = listeners.get(name);
        all?.delete(heard);
        if (all?.size !== 0) return;
        listeners.delete(name);
        calls.tell({ kind: 'unsubscribe', name });
      };
    },
  };
}

/** The object form of `calls.start`; the overload gives it the types that the schemas make true. */
function apiOf<R extends Requests>(requests: R, calls: Calls): Api<R>;
function apiOf(all: Requests, calls: Calls): unknown {
  return mapValues(all, (requests, domain) =>
    mapValues(
      requests,
      (request, name) =>
        (input: unknown = {}, options: CallOptions = {}) =>
          calls.start(`${domain}.${name}`, request, input, options),
    ),
  );
}

function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  map: (value: A, key: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}

export function eventNamed(contract: Contract, name: string): Event | undefined {
  const [domain = '', own = ''] = name.split('.');
  const events = Object.hasOwn(contract.events, domain) ? contract.events[domain] : undefined;
  return events && Object.hasOwn(events, own) ? events[own] : undefined;
}

/** The calls under way and the transport that they go over. */
class Calls {
  private transport: Transport | undefined;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;

  attach(transport: Transport, onEvent: (name: string, payload: unknown) => void): void {
    this.transport = transport;
    transport.onText((text) => this.receive(text, onEvent));
    transport.onClose(() => {
      if (this.transport === transport) this.lose();
    });
  }

  close(): void {
    const { transport } = this;
    this.lose();
    transport?.close();
  }

  tell(frame: ToHost): void {
    this.transport?.send(JSON.stringify(frame));
  }

  async start(name: string, request: Request, input: unknown, options: CallOptions): Promise<unknown> {
    const parsed = checked(request.input, input, `The input of ${name}`);
    const id = ++this.lastId;
    const text = JSON.stringify({ kind: 'request', id, name, input: parsed } satisfies ToHost);
    if (text.length > textCaps.toHost)
      throw new StudioError('input-invalid', `The input of ${name} is too large.`, 'Send less at once.');
    if (!this.transport) throw lost();
    if (options.signal?.aborted === true) throw cancelled();
    const answer = new Promise<unknown>((resolve, reject) => {
      this.pending.set(id, { request, name, options, resolve, reject });
    });
    const stop = () => {
      this.tell({ kind: 'cancel', id });
      this.take(id)?.reject(cancelled());
    };
    options.signal?.addEventListener('abort', stop, { once: true });
    this.transport.send(text);
    try {
      return await answer;
    } finally {
      options.signal?.removeEventListener('abort', stop);
    }
  }

  private receive(text: string, onEvent: (name: string, payload: unknown) => void): void {
    const frame = readFrame(toClientSchema, text, textCaps.toClient);
    if (frame === undefined) return;
    switch (frame.kind) {
      case 'event':
        onEvent(frame.name, frame.payload);
        return;
      case 'progress':
        this.pending.get(frame.id)?.options.onProgress?.(frame.done, frame.total);
        return;
      case 'failure':
        this.take(frame.id)?.reject(fromFailure(frame.error));
        return;
      case 'result': {
        const call = this.take(frame.id);
        const parsed = call?.request.output.safeParse(frame.output);
        if (parsed?.success) call?.resolve(parsed.data);
        else call?.reject(new StudioError('internal', `The answer to ${call.name} could not be understood.`));
      }
    }
  }

  private take(id: number): Pending | undefined {
    const call = this.pending.get(id);
    this.pending.delete(id);
    return call;
  }

  private lose(): void {
    this.transport = undefined;
    for (const id of [...this.pending.keys()]) this.take(id)?.reject(lost());
  }
}

const lost = () =>
  new StudioError(
    'connection-lost',
    'The connection to Stillroom was lost.',
    'It is tried again by itself; runs go on meanwhile.',
  );
const cancelled = () => new StudioError('cancelled', 'This was cancelled.');
