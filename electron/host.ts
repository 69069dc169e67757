/** The host: store, engine and handlers as one object, the same for the desktop app and for the lab. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AppState } from '../engine/contract/messages/app.ts';
import { studioContract } from '../engine/contract/messages.ts';
import { Network } from '../engine/contract/network.ts';
import { serve, type Server } from './bridge/serve.ts';
import type { Transport } from './bridge/transport.ts';
import { forkChild, type StartChild } from './childProcess.ts';
import { EngineSupervisor } from './engineProcess/supervisor.ts';
import { openStudio } from './features/openStudio.ts';
import { removeDownloads } from './features/projectFile/downloads.ts';
import { Sources } from './features/sources.ts';
import { readResources } from './handlers/app.ts';
import type { HostContext } from './handlers/context.ts';
import { studioHandlers } from './handlers/handlers.ts';
import { ensureDemoProject } from './handlers/projects.ts';
import { readSettings } from './handlers/settings.ts';
import { Log } from './log.ts';
import { Media, type MediaFile } from './media.ts';
import { PictureReader } from './reader/pictureReader.ts';
import { RunQueue } from './runQueue.ts';
import { Stillness } from './stillness.ts';
import { Sweeps } from './sweeps.ts';
import { Uploads } from './uploads.ts';

export interface HostOptions {
  readonly host: AppState['host'];
  readonly version: string;
  readonly dataFolder: string;
  /** How the processes are started; by default as child processes. */
  readonly startChild?: StartChild;
}

export interface Host {
  /** What a person chose, dropped or uploaded: windows know only the ids. */
  readonly sources: Sources;
  /** Serves one more window. */
  accept(transport: Transport): void;
  /** The picture of a media id. */
  media(mediaId: string): Promise<MediaFile | undefined>;
  /** Where a browser's files come in. */
  readonly uploads: Uploads;
  /** Saves and pauses what trains, ends the engine, releases the data folder. */
  close(): Promise<void>;
}

const RESOURCES_EVERY = 2000;

/** @throws StudioError 'busy' where another process owns the data folder. */
export async function openHost(options: HostOptions): Promise<Host> {
  const { host, version, dataFolder, startChild = forkChild } = options;
  const notices: string[] = [];
  const store = await openStudio(dataFolder, { note: (text) => notices.push(text) });
  await ensureDemoProject(store);
  const settings = await readSettings(store);
  const pictureFolder = await mkdtemp(path.join(tmpdir(), 'stillroom-pictures-'));

  const emit: HostContext['emit'] = (name, payload) => server.emit(name, payload);
  const engine = new EngineSupervisor(
    () => startChild('engineProcess.ts'),
    () => context.settings.backend,
    {
      onState(state) {
        emit('app.engine', state);
        if (state.error) log.fault('engine', state.error);
        if (state.status === 'ready') void queue.engineReady().then(() => sweeps.measureBaselines());
        if (state.status === 'failed' && state.error) void queue.engineFailed(state.error);
      },
      onJournal: (told) => void queue.onJournal(told),
      onProgress: ({ activity, ...progress }) =>
        emit('runs.progress', { ...progress, activity: activity === 'sampling' ? activity : null }),
    },
  );
  const queue = new RunQueue(store, engine, emit, pictureFolder);
  const sweeps = new Sweeps(store, engine, queue, emit);
  const sources = new Sources();
  const log = new Log(dataFolder);
  const stillness = new Stillness();
  const network = new Network(() => context.settings.offline);
  const uploads = await Uploads.open(dataFolder);
  await removeDownloads(dataFolder);
  const reader = new PictureReader(() => startChild('readerProcess.ts'));
  const context: HostContext = {
    ...{
      host,
      version,
      store,
      engine,
      queue,
      sweeps,
      uploads,
      reader,
      emit,
      sources,
      network,
      log,
      notices,
      pictureFolder,
      stillness,
      settings,
    },
  };
  const server: Server<typeof studioContract> = serve(studioContract, studioHandlers(context), {
    onFault: (name, error) => log.fault(name, error),
    around: (name, work) => stillness.around(name, work),
  });
  const media = new Media(store, pictureFolder);
  const resources = setInterval(() => {
    readResources(context).then(
      (now) => emit('app.resources', now),
      (error: unknown) => console.error('The disk cannot be read:', error),
    );
  }, RESOURCES_EVERY);
  void engine.start();

  return {
    sources,
    accept: (transport) => server.accept(transport),
    media: (mediaId) => media.find(mediaId),
    uploads,
    async close() {
      clearInterval(resources);
      await sweeps.close();
      await queue.close();
      engine.close();
      reader.close();
      server.close();
      await rm(pictureFolder, { recursive: true, force: true });
      await store.close();
    },
  };
}
