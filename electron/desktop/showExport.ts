/** Shows what was exported in the system's file manager: only what lies in the data folder's `exports`. */
import { shell } from 'electron';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { exportsFolder } from '../features/exportFolder.ts';
import { dataFolder } from '../store/dataFolder.ts';
import { onSent } from './ipc.ts';

/** One name without a dot or a separator: there is no way out by it. */
const exportName = z.string().regex(/^[\p{L}\p{N}-]{1,120}$/u);

export function answerShowing(): void {
  onSent('export:show', exportName, (name) => {
    const location = path.join(exportsFolder(dataFolder()), name);
    stat(location).then(
      () => shell.showItemInFolder(location),
      // What was moved or deleted meanwhile is not shown.
      () => undefined,
    );
  });
}
