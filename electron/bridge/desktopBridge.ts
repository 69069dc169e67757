/** What the desktop's preload offers to its window, by which channels, and the bridge's transport over it. */
import type { Transport } from './transport.ts';

/** A file or folder that a person chose: windows know no path. */
export interface ChosenSource {
  readonly id: string;
  readonly name: string;
}

export const choosables = ['pictures', 'zip', 'prompts', 'model', 'archive', 'folder'] as const;
/** What a dialog can be opened for. */
export type Choosable = (typeof choosables)[number];

export interface DesktopBridge {
  /** Connects this window to the host, whose texts the listener hears; an older connection of the window ends. */
  connect(onText: (text: string) => void): void;
  send(text: string): void;
  /** Opens a native dialog; empty where it was cancelled. */
  choose(what: Choosable): Promise<readonly ChosenSource[]>;
  /** Asks where to save a file of this name; undefined where it was cancelled. */
  chooseTarget(name: string): Promise<ChosenSource | undefined>;
  /** The id of a dropped file or folder. */
  sourceOf(file: File): Promise<ChosenSource>;
  /** Ends the app and starts it anew. */
  restart(): void;
  /** Drags a picture out of the window as a file. */
  dragOut(mediaId: string): void;
  /** Shows an export in the system's file manager, by its folder's own name. */
  showExport(name: string): void;
  /** Hears ids of commands that were chosen from the menu. */
  onCommand(listener: (id: string) => void): void;
  /** Hears of files that the system asked the app to open. */
  onOpened(listener: (source: ChosenSource) => void): void;
}

export type DesktopChannel =
  | 'bridge:connect'
  | 'bridge:text'
  | 'source:choose'
  | 'source:drop'
  | 'source:target'
  | 'drag:out'
  | 'export:show'
  | 'restart'
  | 'command'
  | 'opened'
  | 'ready';

export function desktopTransport(bridge: DesktopBridge): Transport {
  return {
    send: (text) => bridge.send(text),
    onText: (listener) => bridge.connect(listener),
    // The host lives as long as its windows.
    onClose: () => undefined,
    close: () => undefined,
    waitingBytes: () => 0,
  };
}
