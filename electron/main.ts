/** The desktop app. What each line sets up is in `desktop/`; what a window may ask is the host's business. */
import { app } from 'electron';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Settings } from '../engine/contract/messages/settings.ts';
import { answerDialogs } from './desktop/dialogs.ts';
import { bridgeWindows } from './desktop/bridge.ts';
import { connectToHost, type Desktop } from './desktop/desktop.ts';
import { guardClosing } from './desktop/closing.ts';
import { Documents } from './desktop/documents.ts';
import { answerDragging } from './desktop/dragOut.ts';
import { explainFailure } from './desktop/failure.ts';
import { denyPermissions, guardEveryPage } from './desktop/guards.ts';
import { setMenu } from './desktop/menus.ts';
import { appPage, registerScheme, serveScheme } from './desktop/scheme.ts';
import { answerShowing } from './desktop/showExport.ts';
import { showSigns } from './desktop/signs.ts';
import { createStudioWindow } from './desktop/studioWindow.ts';
import { utilityChild } from './desktop/utilityChild.ts';
import { desktopWords } from './desktop/words.ts';
import { openHost } from './host.ts';
import { dataFolder, proposedFolder } from './store/dataFolder.ts';

async function start(documents: Documents): Promise<void> {
  denyPermissions();
  const host = await openHost({
    host: 'desktop',
    version: app.getVersion(),
    dataFolder: dataFolder(),
    startChild: utilityChild,
  });
  serveScheme(path.resolve(import.meta.dirname, '../dist/renderer'), host);
  bridgeWindows(host);
  const client = connectToHost(host);
  const wordsOf = ({ language }: Settings) => desktopWords(language, app.getLocale());
  const words = wordsOf(await client.api.settings.get());
  const window = createStudioWindow();
  const desktop: Desktop = { host, client, window, words, active: undefined };
  answerDialogs(desktop);
  answerDragging(desktop);
  answerShowing();
  documents.serve(desktop);
  setMenu(desktop);
  showSigns(desktop);
  guardClosing(desktop);
  client.on('settings.changed', (settings) => {
    desktop.words = wordsOf(settings);
    setMenu(desktop);
  });
  await window.loadURL(appPage);
}

// Chromium's own files stay apart from what people make, and in their place; one instance a data folder.
const userData = path.join(proposedFolder(), 'desktop');
mkdirSync(userData, { recursive: true });
app.setPath('userData', userData);
if (app.requestSingleInstanceLock()) {
  registerScheme();
  guardEveryPage();
  const documents = new Documents(process.argv.slice(1));
  // Not awaited: Electron is ready only after this module has ended.
  app
    .whenReady()
    .then(() => start(documents))
    .catch(explainFailure);
} else app.quit();
