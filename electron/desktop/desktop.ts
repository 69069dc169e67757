/** What the desktop's parts share: the window, the host as a client sees it, what trains. */
import type { BrowserWindow } from 'electron';
import type { Run, RunProgress } from '../../engine/contract/messages/runs.ts';
import { studioContract, type StudioContract } from '../../engine/contract/messages.ts';
import type { DesktopChannel } from '../bridge/desktopBridge.ts';
import { connect, type Client } from '../bridge/connect.ts';
import { memoryTransports } from '../bridge/transports/memory.ts';
import type { Host } from '../host.ts';
import type { DesktopWords } from './words.ts';

export interface Desktop {
  readonly host: Host;
  /** Main asks and hears as windows do. */
  readonly client: Client<StudioContract>;
  readonly window: BrowserWindow;
  words: DesktopWords;
  /** The run that trains now. */
  active: Run | undefined;
}

export function connectToHost(host: Host): Client<StudioContract> {
  const [ours, theirs] = memoryTransports();
  host.accept(theirs);
  return connect(studioContract, ours);
}

export function showWindow({ window }: Pick<Desktop, 'window'>): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

export function tellWindow(
  { window }: Pick<Desktop, 'window'>,
  channel: DesktopChannel,
  value: unknown,
): void {
  window.webContents.send(channel, value);
}

/** Follows runs from their beginning to their end. */
export function followRuns(
  desktop: Desktop,
  {
    changed,
    progress,
  }: { changed: (run: Run, before: Run | undefined) => void; progress: (p: RunProgress) => void },
): void {
  desktop.client.on('runs.changed', (run) => {
    const before = desktop.active;
    if (run.status === 'running') desktop.active = run;
    else if (before?.id === run.id) desktop.active = undefined;
    else return;
    changed(run, before);
  });
  desktop.client.on('runs.progress', progress);
}
