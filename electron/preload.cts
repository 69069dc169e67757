/** A window's only door to the desktop: typed functions, never `ipcRenderer`. Sandboxed, so one CommonJS file. */
import type * as Electron from 'electron';
import type { DesktopBridge, DesktopChannel } from './bridge/desktopBridge.ts' with {
  'resolution-mode': 'import',
};

const { contextBridge, ipcRenderer, webUtils } = require('electron') as typeof Electron;

const send = (channel: DesktopChannel, value: unknown) => ipcRenderer.send(channel, value);
const ask = (channel: DesktopChannel, value: unknown): Promise<unknown> => ipcRenderer.invoke(channel, value);

/** A page connects once; what an earlier listener of its heard would be heard twice. */
function hear(channel: DesktopChannel, listener: (event: unknown, value: never) => void): void {
  ipcRenderer.removeAllListeners(channel);
  ipcRenderer.on(channel, listener as Parameters<typeof ipcRenderer.on>[1]);
}

const bridge: DesktopBridge = {
  connect(onText) {
    hear('bridge:text', (_event, text) => onText(text));
    send('bridge:connect', null);
  },
  send: (text) => send('bridge:text', text),
  choose: (what) => ask('source:choose', what) as ReturnType<DesktopBridge['choose']>,
  chooseTarget: (name) => ask('source:target', name) as ReturnType<DesktopBridge['chooseTarget']>,
  sourceOf: (file) =>
    ask('source:drop', webUtils.getPathForFile(file)) as ReturnType<DesktopBridge['sourceOf']>,
  restart: () => send('restart', null),
  showExport: (name) => send('export:show', name),
  dragOut: (mediaId) => send('drag:out', mediaId),
  onCommand: (listener) => hear('command', (_event, id) => listener(id)),
  onOpened(listener) {
    hear('opened', (_event, source) => listener(source));
    send('ready', null);
  },
};

contextBridge.exposeInMainWorld('stillroom', bridge);
