/** What every handler may use. One file a domain stands beside this; `handlers.ts` gathers them. */
import type { AppState } from '../../engine/contract/messages/app.ts';
import type { Settings } from '../../engine/contract/messages/settings.ts';
import type { StudioContract } from '../../engine/contract/messages.ts';
import type { Network } from '../../engine/contract/network.ts';
import type { Emit } from '../bridge/api.ts';
import type { EngineSupervisor } from '../engineProcess/supervisor.ts';
import type { Sources } from '../features/sources.ts';
import type { PictureReader } from '../reader/pictureReader.ts';
import type { Log } from '../log.ts';
import type { RunQueue } from '../runQueue.ts';
import type { Stillness } from '../stillness.ts';
import type { Sweeps } from '../sweeps.ts';
import type { Store } from '../store/database.ts';
import type { Uploads } from '../uploads.ts';

export interface HostContext {
  readonly host: AppState['host'];
  readonly version: string;
  readonly store: Store;
  readonly engine: EngineSupervisor;
  readonly queue: RunQueue;
  readonly sweeps: Sweeps;
  readonly uploads: Uploads;
  readonly reader: PictureReader;
  readonly emit: Emit<StudioContract['events']>;
  /** What a person chose, dropped or uploaded, by opaque ids. */
  readonly sources: Sources;
  /** What left this computer since start. */
  readonly network: Network;
  readonly log: Log;
  /** What start-up had to repair; sentences. */
  readonly notices: readonly string[];
  /** Pictures made on demand; `pictures/<name without .png>` is their media id. Gone with the host. */
  readonly pictureFolder: string;
  /** Keeps the store as it is while it is moved. */
  readonly stillness: Stillness;
  settings: Settings;
}
