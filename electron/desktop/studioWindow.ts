/** The app's one window: fenced in, where it was last time, shown when its page can be seen; not loaded yet. */
import { app, BrowserWindow, nativeTheme } from 'electron';
import path from 'node:path';
import { firstSize, keepWindowState, readWindowState } from './windowState.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** The page's colours before its styles are there, as `renderer/styles/tokens.css` has them. */
const paper = { light: '#fdfcfb', dark: '#171513' } as const;

export function createStudioWindow(): BrowserWindow {
  const stateFile = path.join(app.getPath('userData'), 'window.json');
  const state = readWindowState(stateFile);
  const window = new BrowserWindow({
    ...(state?.bounds ?? firstSize),
    minWidth: 960,
    minHeight: 600,
    show: false,
    title: 'Stillroom',
    icon: path.join(root, 'resources/icons/icon.png'),
    backgroundColor: paper[nativeTheme.shouldUseDarkColors ? 'dark' : 'light'],
    webPreferences: {
      preload: path.join(root, 'dist/preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      webSecurity: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      experimentalFeatures: false,
      allowRunningInsecureContent: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  });
  if (state?.isMaximized === true) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => keepWindowState(stateFile, window));
  // A page that crashed is loaded anew: its runs are elsewhere.
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit') window.webContents.reload();
  });
  return window;
}
