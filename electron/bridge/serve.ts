/** The answering end of a bridge: checks each request, runs its handler, and tells events to those who subscribed. */
import { StudioError } from '../../engine/contract/errors.ts';
import type { Contract, Request, Requests } from '../../engine/contract/messages/define.ts';
import type { Emit, EventsOf, Handlers, HandlerContext, RequestsOf } from './api.ts';
import { eventNamed } from './connect.ts';
import { checked, readFrame, textCaps, toFailure, toHostSchema, type ToClient } from './frames.ts';
import type { Transport } from './transport.ts';

/** Between two tellings of events to one window; ten a second. */
const TELL_EVERY = 100;
/** A window that takes nothing gets nothing more until so many bytes have left. */
const FULL = 4 * 2 ** 20;
/** Calls of one window that may be under way. */
const CALLS = 256;

export interface Server<C extends Contract> {
  /** Serves one more window until its transport closes. */
  accept(transport: Transport): void;
  /** Tells everybody who subscribed. */
  readonly emit: Emit<EventsOf<C>>;
  /** Closes every window. */
  close(): void;
}

export interface ServeOptions {
  /** Hears of errors that are faults of ours, which callers see only as `internal`. */
  readonly onFault?: (name: string, error: unknown) => void;
  /** Stands around every request's work; may refuse it. */
  readonly around?: (name: string, work: () => unknown) => Promise<unknown>;
  /** Milliseconds between two tellings. */
  readonly tellEvery?: number;
}

interface Route {
  readonly request: Request;
  readonly handler: (input: unknown, context: HandlerContext) => unknown;
}

export function serve<C extends Contract>(
  contract: C,
  handlers: Handlers<RequestsOf<C>>,
  options: ServeOptions = {},
): Server<C> {
  const routes = routesOf(contract.requests, handlers);
  const windows = new Set<Window>();
  return {
    accept(transport) {
      const window = new Window(transport, contract, routes, options);
      windows.add(window);
      transport.onClose(() => {
        windows.delete(window);
        window.end();
      });
    },
    emit(name, payload) {
      for (const window of windows) window.tell(name, payload);
    },
    close() {
      for (const window of [...windows]) window.close();
    },
  };
}

/** By the name on the wire. The overload keeps the types that the schemas make true. */
function routesOf<R extends Requests>(requests: R, handlers: Handlers<R>): Map<string, Route>;
function routesOf(
  all: Requests,
  handlers: Readonly<Record<string, Readonly<Record<string, Route['handler']>>>>,
): Map<string, Route> {
  const routes = new Map<string, Route>();
  for (const [domain, requests] of Object.entries(all)) {
    for (const [name, request] of Object.entries(requests)) {
      const handler = handlers[domain]?.[name];
      if (handler) routes.set(`${domain}.${name}`, { request, handler });
    }
  }
  return routes;
}

/** One caller: its calls under way and the events that wait for it. */
class Window {
  private readonly transport: Transport;
  private readonly contract: Contract;
  private readonly routes: ReadonlyMap<string, Route>;
  private readonly options: ServeOptions;
  private readonly calls = new Map<number, AbortController>();
  private readonly subscribed = new Set<string>();
  private waiting = new Map<string, { readonly name: string; readonly payload: unknown }>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    transport: Transport,
    contract: Contract,
    routes: ReadonlyMap<string, Route>,
    options: ServeOptions,
  ) {
    this.transport = transport;
    this.contract = contract;
    this.routes = routes;
    this.options = options;
    transport.onText((text) => this.receive(text));
  }

  close(): void {
    this.flush();
    this.transport.close();
  }

  /** The transport is gone: nobody waits for the calls any more. */
  end(): void {
    clearTimeout(this.timer);
    this.waiting.clear();
    this.subscribed.clear();
    for (const call of this.calls.values()) call.abort();
  }

  tell(name: string, payload: unknown): void {
    const event = eventNamed(this.contract, name);
    if (!event || !this.subscribed.has(name)) return;
    const key = `${name} ${event.keyOf(payload)}`;
    const earlier = this.waiting.get(key);
    this.waiting.set(key, { name, payload: earlier ? event.merge(earlier.payload, payload) : payload });
    this.timer ??= setTimeout(() => this.tellWaiting(), this.options.tellEvery ?? TELL_EVERY);
  }

  private tellWaiting(): void {
    this.timer = undefined;
    if (this.transport.waitingBytes() > FULL)
      this.timer = setTimeout(() => this.tellWaiting(), this.options.tellEvery ?? TELL_EVERY);
    else this.flush();
  }

  private flush(): void {
    const { waiting } = this;
    this.waiting = new Map();
    for (const { name, payload } of waiting.values()) this.send({ kind: 'event', name, payload });
  }

  private receive(text: string): void {
    const frame = readFrame(toHostSchema, text, textCaps.toHost);
    if (frame === undefined) return;
    switch (frame.kind) {
      case 'subscribe':
        if (eventNamed(this.contract, frame.name)) this.subscribed.add(frame.name);
        return;
      case 'unsubscribe':
        this.subscribed.delete(frame.name);
        return;
      case 'cancel':
        this.calls.get(frame.id)?.abort();
        return;
      case 'request':
        void this.answer(frame.id, frame.name, frame.input);
    }
  }

  private async answer(id: number, name: string, input: unknown): Promise<void> {
    const call = new AbortController();
    try {
      const route = this.routes.get(name);
      if (!route) throw new StudioError('not-found', `There is no request “${name.slice(0, 80)}”.`);
      if (this.calls.has(id)) throw new StudioError('input-invalid', 'This call is under way already.');
      if (this.calls.size >= CALLS) throw new StudioError('busy', 'Too many requests are under way.');
      this.calls.set(id, call);
      const context = { signal: call.signal, progress: this.progressOf(id) };
      const given = checked(route.request.input, input, `The input of ${name}`);
      const work = () => route.handler(given, context);
      const output = await (this.options.around?.(name, work) ?? work());
      this.send({ kind: 'result', id, output: route.request.output.parse(output) });
    } catch (error) {
      if (!(error instanceof StudioError) || error.code === 'internal') this.options.onFault?.(name, error);
      this.send({ kind: 'failure', id, error: toFailure(error) });
    } finally {
      if (this.calls.get(id) === call) this.calls.delete(id);
    }
  }

  /** At most ten a second, and always the last. */
  private progressOf(id: number): HandlerContext['progress'] {
    let told = -Infinity;
    return (done, total) => {
      const now = performance.now();
      if (now - told < TELL_EVERY && done < total) return;
      told = now;
      this.send({ kind: 'progress', id, done, total });
    };
  }

  private send(frame: ToClient): void {
    const text = JSON.stringify(frame);
    if (text.length <= textCaps.toClient) {
      this.transport.send(text);
      return;
    }
    const error = new StudioError('internal', 'The answer is too large to be sent.');
    this.options.onFault?.(frame.kind, error);
    if (frame.kind === 'result')
      this.transport.send(JSON.stringify({ kind: 'failure', id: frame.id, error: toFailure(error) }));
  }
}
