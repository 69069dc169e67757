/** Where paths come from: native dialogs and drops. Windows get their opaque ids. */
import { app, dialog, type OpenDialogOptions } from 'electron';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../engine/contract/errors.ts';
import { choosables, type Choosable, type ChosenSource } from '../bridge/desktopBridge.ts';
import type { Desktop } from './desktop.ts';
import { onAsked } from './ipc.ts';

const options: Readonly<Record<Choosable, Pick<OpenDialogOptions, 'properties' | 'filters'>>> = {
  pictures: { properties: ['openDirectory'] },
  folder: { properties: ['openDirectory', 'createDirectory'] },
  zip: { properties: ['openFile'], filters: [{ name: 'Zip', extensions: ['zip'] }] },
  prompts: { properties: ['openFile'], filters: [{ name: 'Text', extensions: ['txt'] }] },
  model: { properties: ['openFile'], filters: [{ name: 'Safetensors', extensions: ['safetensors'] }] },
  archive: { properties: ['openFile'], filters: [{ name: 'Stillroom', extensions: ['stillroom'] }] },
};

export async function chooseSources(
  { window, words, host }: Pick<Desktop, 'window' | 'words' | 'host'>,
  what: Choosable,
): Promise<ChosenSource[]> {
  const title = words.choose[what];
  const { canceled, filePaths } = await dialog.showOpenDialog(window, { title, ...options[what] });
  if (canceled) return [];
  if (what === 'archive') for (const file of filePaths) app.addRecentDocument(file);
  return filePaths.map((file) => host.sources.add(file));
}

/** A page proposes a name and never a folder. */
async function chooseTarget(
  { window, words, host }: Pick<Desktop, 'window' | 'words' | 'host'>,
  name: string,
): Promise<ChosenSource | undefined> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: words.saveProject,
    defaultPath: path.basename(name),
    filters: options.archive.filters ?? [],
  });
  return canceled ? undefined : host.sources.add(filePath);
}

export function answerDialogs(desktop: Desktop): void {
  onAsked('source:choose', z.enum(choosables), (what) => chooseSources(desktop, what));
  onAsked('source:target', z.string().min(1).max(200), (name) => chooseTarget(desktop, name));
  // The preload gives the path of a real dropped file; a page cannot name one.
  onAsked('source:drop', z.string().max(4096), async (location): Promise<ChosenSource> => {
    const exists = path.isAbsolute(location) && (await stat(location).catch(() => undefined));
    if (!exists)
      throw new StudioError('not-found', 'What was dropped is no file or folder of this computer.');
    return desktop.host.sources.add(location);
  });
}
