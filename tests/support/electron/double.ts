/** A double of the `electron` module: what main asks of it is recorded, its windows are real Chromium pages. */
import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import path from 'node:path';
import { preventable, WebContentsDouble, type Surroundings } from './pages.ts';

/** Everything that main set, for tests to look at. */
export const record = {
  schemes: [] as unknown[],
  permissions: {} as Record<string, (...values: unknown[]) => unknown>,
  outside: [] as string[],
  shown: [] as string[],
  dialogs: [] as unknown[],
  /** What the next dialogs answer: files, or the number of a button. */
  answers: { files: [] as string[], button: 2 },
  notifications: [] as string[],
  progress: [] as number[],
  powerSave: [] as string[],
  trays: [] as TrayDouble[],
  menu: [] as MenuItem[],
  recent: [] as string[],
  processes: [] as string[],
  pids: [] as number[],
  isOnlyInstance: true,
  hasQuit: false,
};

interface MenuItem {
  readonly label?: string;
  readonly id?: string;
  readonly role?: string;
  readonly submenu?: MenuItem[];
  readonly click?: () => void;
}

const paths = new Map<string, string>();
type Handler = (request: { method: string; url: string }) => Promise<Response>;
let handler: Handler | undefined;
type BeforeRequest = (details: { url: string }, answer: (decision: { cancel: boolean }) => void) => void;
let beforeRequest: BeforeRequest | undefined;

class App extends EventEmitter {
  readonly name = 'Stillroom';
  readonly isPackaged = true;
  readonly whenReady = () => Promise.resolve();
  readonly getVersion = () => '0.0.0';
  readonly getLocale = () => 'en-GB';
  readonly getPath = (name: string) => paths.get(name) ?? '';
  readonly setPath = (name: string, value: string) => void paths.set(name, value);
  readonly requestSingleInstanceLock = () => record.isOnlyInstance;
  readonly addRecentDocument = (file: string) => void record.recent.push(file);
  readonly exit = () => this.quit();
  quit(): void {
    const event = preventable({});
    this.emit('before-quit', event);
    record.hasQuit ||= !event.defaultPrevented;
  }
}
const app = new App();

class IpcMain extends EventEmitter {
  readonly handlers = new Map<string, (event: object, ...values: unknown[]) => unknown>();
  handle(channel: string, listener: (event: object, ...values: unknown[]) => unknown): void {
    this.handlers.set(channel, listener);
  }
}
const ipcMain = new IpcMain();

const surroundings: Surroundings = {
  answer: (url, method) => handler?.({ url, method }) ?? Promise.resolve(new Response(null, { status: 404 })),
  mayRequest(url) {
    let cancelled = false;
    beforeRequest?.({ url }, ({ cancel }) => (cancelled = cancel));
    return !cancelled;
  },
  heard(kind, channel, event, values) {
    if (kind === 'invoke') return ipcMain.handlers.get(channel)?.(event, ...values);
    return void ipcMain.emit(channel, event, ...values);
  },
};

interface WindowOptions {
  readonly webPreferences: { readonly preload: string } & Record<string, unknown>;
}

class BrowserWindow extends EventEmitter {
  static readonly all: BrowserWindow[] = [];
  static readonly getAllWindows = () => BrowserWindow.all;
  readonly options: WindowOptions;
  readonly webContents: WebContentsDouble;
  isShown = false;
  constructor(options: WindowOptions) {
    super();
    this.options = options;
    this.webContents = new WebContentsDouble(surroundings, options.webPreferences.preload);
    BrowserWindow.all.push(this);
    app.emit('web-contents-created', {}, this.webContents);
  }
  async loadURL(url: string): Promise<void> {
    await this.webContents.load(url);
    this.emit('ready-to-show');
  }
  readonly isDestroyed = () => false;
  readonly isMinimized = () => false;
  readonly isMaximized = () => false;
  readonly maximize = () => undefined;
  readonly restore = () => undefined;
  readonly focus = () => undefined;
  readonly show = () => void (this.isShown = true);
  readonly hide = () => void (this.isShown = false);
  readonly getNormalBounds = () => ({ x: 10, y: 20, width: 1000, height: 700 });
  readonly setProgressBar = (value: number) => void record.progress.push(value);
  /** A person closes it. Returns whether it went. */
  close(): boolean {
    const event = preventable({});
    this.emit('close', event);
    return !event.defaultPrevented;
  }
}

class TrayDouble extends EventEmitter {
  tip = '';
  menu: MenuItem[] = [];
  constructor() {
    super();
    record.trays.push(this);
  }
  readonly setToolTip = (tip: string) => void (this.tip = tip);
  readonly setContextMenu = (menu: MenuItem[]) => void (this.menu = menu);
}

class Notification extends EventEmitter {
  static readonly isSupported = () => true;
  private readonly body: string;
  constructor({ body }: { body: string }) {
    super();
    this.body = body;
  }
  readonly show = () => void record.notifications.push(this.body);
}

function forkUtility(module: string) {
  record.processes.push(module);
  const child = fork(module, {
    stdio: ['ignore', 2, 2, 'ipc'],
    execArgv: ['--import', path.join(import.meta.dirname, 'parentPort.ts')],
  });
  record.pids.push(child.pid ?? 0);
  return Object.assign(new EventEmitter(), {
    pid: child.pid,
    postMessage: (message: string) => child.connected && child.send(message, () => undefined),
    on: (name: string, listener: (value: unknown) => void) => child.on(name, listener),
    once: (name: string, listener: (value: unknown) => void) => child.once(name, listener),
    kill: () => child.kill('SIGKILL'),
  });
}

const setPermission = (name: string) => (listener: (...values: unknown[]) => unknown) =>
  void (record.permissions[name] = listener);

export const electron = {
  app,
  BrowserWindow,
  dialog: {
    showOpenDialog: (_window: unknown, options: unknown) => {
      record.dialogs.push(options);
      const filePaths = record.answers.files;
      return Promise.resolve({ canceled: filePaths.length === 0, filePaths });
    },
    showSaveDialog: (_window: unknown, options: unknown) => {
      record.dialogs.push(options);
      const [filePath = ''] = record.answers.files;
      return Promise.resolve({ canceled: filePath === '', filePath });
    },
    showMessageBox: (_window: unknown, options: unknown) => {
      record.dialogs.push(options);
      return Promise.resolve({ response: record.answers.button });
    },
    showErrorBox: (title: string, text: string) => void record.dialogs.push({ title, text }),
  },
  ipcMain,
  Menu: {
    buildFromTemplate: (template: MenuItem[]) => template,
    setApplicationMenu: (menu: MenuItem[]) => void (record.menu = menu),
  },
  nativeImage: { createFromPath: (file: string) => ({ file, resize: () => ({ file }) }) },
  nativeTheme: { shouldUseDarkColors: false },
  Notification,
  powerMonitor: new EventEmitter(),
  powerSaveBlocker: {
    start: (kind: string) => record.powerSave.push(kind),
    stop: () => void record.powerSave.push('stopped'),
  },
  protocol: {
    registerSchemesAsPrivileged: (schemes: unknown[]) => void record.schemes.push(...schemes),
    handle: (_scheme: string, answer: Handler) => void (handler = answer),
  },
  screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] },
  session: {
    defaultSession: {
      setPermissionRequestHandler: setPermission('request'),
      setPermissionCheckHandler: setPermission('check'),
      setDevicePermissionHandler: setPermission('device'),
      webRequest: { onBeforeRequest: (listener: BeforeRequest) => void (beforeRequest = listener) },
    },
  },
  shell: {
    openExternal: (url: string) => Promise.resolve(void record.outside.push(url)),
    showItemInFolder: (location: string) => void record.shown.push(location),
  },
  Tray: TrayDouble,
  utilityProcess: { fork: forkUtility },
};

/** As main's protocol handler answers it. */
export async function load(url: string, method = 'GET'): Promise<Response> {
  if (!handler) throw new Error('Main serves no scheme.');
  return handler({ url, method });
}

/** The app's window. */
export function studioWindow(): BrowserWindow {
  const [window] = BrowserWindow.all;
  if (!window) throw new Error('Main opened no window.');
  return window;
}
