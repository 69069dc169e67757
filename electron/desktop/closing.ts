/** Closing and quitting: while a run trains a person is asked once; whatever ends, ends saved. */
import { app, dialog, powerMonitor } from 'electron';
import { z } from 'zod';
import { showWindow, type Desktop } from './desktop.ts';
import { onSent } from './ipc.ts';

export function guardClosing(desktop: Desktop): void {
  const { window, host } = desktop;
  let isSaved = false;
  let isLeaving = false;
  /** The run that a person wants to go on without the window. */
  let keptId: string | undefined;

  const leave = async () => {
    if (isLeaving) return;
    isLeaving = true;
    try {
      await host.close();
    } finally {
      isSaved = true;
      app.quit();
    }
  };
  const ask = async () => {
    const { words, active } = desktop;
    if (!active || isLeaving) return leave();
    showWindow(desktop);
    const { response } = await dialog.showMessageBox(window, {
      type: 'question',
      message: words.training,
      detail: words.trainingDetail,
      buttons: [words.keepRunning, words.pauseAndQuit, words.cancel],
      defaultId: 0,
      cancelId: 2,
      noLink: true,
    });
    if (response === 1) return leave();
    if (response !== 0) return undefined;
    keptId = active.id;
    window.hide();
    return undefined;
  };

  window.on('close', (event) => {
    if (isSaved) return;
    event.preventDefault();
    if (desktop.active && desktop.active.id === keptId) window.hide();
    else void ask();
  });
  app.on('before-quit', (event) => {
    if (isSaved) return;
    event.preventDefault();
    void ask();
  });
  onSent('restart', z.null(), () => {
    app.relaunch();
    app.quit();
  });
  // The computer is switched off: nobody can be asked.
  powerMonitor.on('shutdown', () => void leave());
  app.on('window-all-closed', () => app.quit());
}
