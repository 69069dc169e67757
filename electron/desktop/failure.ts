/** The app cannot start: says why in a window of the system, and ends. */
import { app, dialog } from 'electron';
import { StudioError } from '../../engine/contract/errors.ts';

export function explainFailure(error: unknown): void {
  console.error(error);
  const [message, hint] =
    error instanceof StudioError ? [error.message, error.hint] : ['Stillroom cannot start.', String(error)];
  dialog.showErrorBox(message, hint);
  app.exit(1);
}
