/** How windows are heard: only the app's own page in the main frame of a window of ours, only what a schema takes. */
import { BrowserWindow, ipcMain, type IpcMainEvent, type IpcMainInvokeEvent } from 'electron';
import type { z } from 'zod';
import { StudioError } from '../../engine/contract/errors.ts';
import type { DesktopChannel } from '../bridge/desktopBridge.ts';
import { checked } from '../bridge/frames.ts';
import { appOrigin } from './scheme.ts';

/** Anything from elsewhere, or that does not fit, has no effect. */
export function onSent<S extends z.ZodType>(
  channel: DesktopChannel,
  schema: S,
  listener: (value: z.output<S>, window: Electron.BrowserWindow) => void,
): void {
  ipcMain.on(channel, (event, ...values: unknown[]) => {
    const window = trustedWindow(event);
    const parsed = schema.safeParse(values[0]);
    if (window && values.length === 1 && parsed.success) listener(parsed.data, window);
  });
}

/** Anything from elsewhere, or that does not fit, is refused. */
export function onAsked<S extends z.ZodType>(
  channel: DesktopChannel,
  schema: S,
  handler: (value: z.output<S>, window: Electron.BrowserWindow) => unknown,
): void {
  ipcMain.handle(channel, (event, ...values: unknown[]) => {
    const window = trustedWindow(event);
    if (!window || values.length !== 1)
      throw new StudioError('input-invalid', 'This was not asked by the app.');
    return handler(checked(schema, values[0], 'What was asked'), window);
  });
}

function trustedWindow({
  sender,
  senderFrame,
}: IpcMainEvent | IpcMainInvokeEvent): Electron.BrowserWindow | undefined {
  // A frame that was closed or has navigated meanwhile is null.
  if (senderFrame === null || senderFrame !== sender.mainFrame || senderFrame.origin !== appOrigin)
    return undefined;
  return BrowserWindow.getAllWindows().find((window) => window.webContents === sender);
}
