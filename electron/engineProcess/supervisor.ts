/**
 * The host's side of the engine's process: starts it, watches it, ends it when it is stuck, starts it anew when it
 * died. Which run it goes on with afterwards is the business of the run queue.
 */
import { StudioError } from '../../engine/contract/errors.ts';
import type { EngineState } from '../../engine/contract/messages/app.ts';
import type { Settings } from '../../engine/contract/messages/settings.ts';
import type { Api, Payload } from '../bridge/api.ts';
import { connect, type Client } from '../bridge/connect.ts';
import { toFailure } from '../bridge/frames.ts';
import { channelTransport } from '../bridge/transports/channel.ts';
import type { Child } from '../childProcess.ts';
import { engineContract, type EngineContract } from './messages.ts';

export interface EngineListener {
  onState(state: EngineState): void;
  onJournal(told: Payload<EngineContract['events'], 'engine.journal'>): void;
  onProgress(progress: Payload<EngineContract['events'], 'engine.progress'>): void;
}

/** More crashes than this within the window, and it is not tried again by itself. */
const RESTARTS = 3;
const RESTART_WINDOW = 5 * 60_000;
/** Silence allowed before the first iteration: a backend is measured, data are read, graphs captured. */
const PATIENCE_AT_START = 10 * 60_000;
const LEAST_PATIENCE = 60_000;

export class EngineSupervisor {
  state: EngineState = { status: 'starting', backend: null, candidates: [], error: null, restarts: 0 };
  residentBytes = 0;
  private readonly startChild: () => Child;
  private readonly listener: EngineListener;
  private readonly prefer: () => Settings['backend'];
  private child: Child | undefined;
  private client: Client<EngineContract> | undefined;
  private crashes: number[] = [];
  private heardAt = 0;
  private patience = PATIENCE_AT_START;
  private isClosing = false;
  private readonly watch: NodeJS.Timeout;

  constructor(startChild: () => Child, prefer: () => Settings['backend'], listener: EngineListener) {
    this.startChild = startChild;
    this.prefer = prefer;
    this.listener = listener;
    this.watch = setInterval(() => {
      if (this.child && Date.now() - this.heardAt > this.patience) this.child.kill();
    }, 1000);
    this.watch.unref();
  }

  /** @throws StudioError 'engine-unavailable' unless it is ready. */
  get api(): Api<EngineContract['requests']>['engine'] {
    if (this.client && this.state.status === 'ready') return this.client.api.engine;
    throw new StudioError(
      'engine-unavailable',
      'The engine is not ready.',
      this.state.status === 'failed' ? 'Restart it in Settings.' : 'It is being started; try again soon.',
    );
  }

  /** Resolves when the engine is ready or has failed; never throws, since `state` says which. */
  async start(): Promise<void> {
    if (this.isClosing) return;
    this.heard(PATIENCE_AT_START);
    const child = this.startChild();
    const client = connect(engineContract, channelTransport(child.channel));
    this.child = child;
    this.client = client;
    child.channel.onEnd(() => {
      if (this.child === child) this.crashed();
    });
    client.on('engine.heartbeat', ({ residentBytes }) => {
      this.residentBytes = residentBytes;
      this.heard();
    });
    client.on('engine.journal', (told) => {
      this.heard();
      this.listener.onJournal(told);
    });
    client.on('engine.progress', (progress) => {
      const seconds = progress.secondsPerIteration;
      this.heard(seconds === null ? PATIENCE_AT_START : Math.max(LEAST_PATIENCE, 10_000 * seconds));
      this.listener.onProgress(progress);
    });
    try {
      const { backend, candidates } = await client.api.engine.start({ prefer: this.prefer() });
      this.change({ status: 'ready', backend, candidates, error: null });
    } catch (error) {
      if (this.child !== child) return; // it crashed meanwhile, and that was told
      this.stop();
      this.change({ status: 'failed', backend: null, error: toFailure(error) });
    }
  }

  /** Ends the process, which saves nothing by itself, and starts another. */
  async restart(): Promise<void> {
    this.stop();
    this.crashes = [];
    this.change({ status: 'starting', error: null });
    await this.start();
  }

  close(): void {
    this.isClosing = true;
    clearInterval(this.watch);
    this.stop();
  }

  private stop(): void {
    const { child, client } = this;
    this.child = undefined;
    this.client = undefined;
    client?.close();
    child?.kill();
  }

  private heard(patience = this.patience): void {
    this.heardAt = Date.now();
    this.patience = patience;
  }

  private crashed(): void {
    this.child = undefined;
    this.client = undefined;
    if (this.isClosing) return;
    const now = Date.now();
    this.crashes = [...this.crashes.filter((at) => now - at < RESTART_WINDOW), now];
    const restarts = this.state.restarts + 1;
    if (this.crashes.length > RESTARTS) {
      const error = new StudioError(
        'engine-unavailable',
        `The engine ended by itself ${this.crashes.length} times within five minutes.`,
        'What was saved is kept. Close other programs or choose a smaller batch, then restart the engine.',
      );
      this.change({ status: 'failed', error: toFailure(error), restarts });
      return;
    }
    this.change({ status: 'restarting', restarts });
    void this.start();
  }

  private change(change: Partial<EngineState>): void {
    this.state = { ...this.state, ...change };
    this.listener.onState(this.state);
  }
}
