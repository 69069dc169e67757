/** What tells of a run outside the window: taskbar, tray, a notification at its end. Keeps the computer awake. */
import { app, Menu, nativeImage, Notification, powerSaveBlocker, Tray } from 'electron';
import path from 'node:path';
import { followRuns, showWindow, type Desktop } from './desktop.ts';

const iconFile = path.resolve(import.meta.dirname, '../../resources/icons/tray.png');
const NO_PROGRESS = -1;

export function showSigns(desktop: Desktop): void {
  const tray = setTray(desktop);
  let blocker: number | undefined;
  followRuns(desktop, {
    changed(run) {
      if (run.status === 'running') {
        blocker ??= powerSaveBlocker.start('prevent-app-suspension');
        return;
      }
      if (blocker !== undefined) powerSaveBlocker.stop(blocker);
      blocker = undefined;
      desktop.window.setProgressBar(NO_PROGRESS);
      tray.setToolTip(app.name);
      if (run.status === 'done' || run.status === 'failed')
        notify(desktop, desktop.words[run.status](run.name));
      else if (run.error?.code === 'disk-full') notify(desktop, desktop.words.diskFull(run.name));
    },
    progress({ done, total }) {
      if (!desktop.active || total === 0) return;
      desktop.window.setProgressBar(done / total);
      tray.setToolTip(desktop.words.progress(Math.floor((100 * done) / total)));
    },
  });
  desktop.client.on('runs.retuned', ({ run, fork }) =>
    notify(desktop, desktop.words.retuned(run.name, fork.name)),
  );
}

function notify(desktop: Desktop, body: string): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({ title: app.name, body });
  notification.on('click', () => showWindow(desktop));
  notification.show();
}

function setTray(desktop: Desktop): Tray {
  const { words } = desktop;
  const tray = new Tray(nativeImage.createFromPath(iconFile));
  tray.setToolTip(app.name);
  tray.setContextMenu(
    Menu.buildFromTemplate([
      { label: words.show, click: () => showWindow(desktop) },
      { label: words.quit, click: () => app.quit() },
    ]),
  );
  tray.on('click', () => showWindow(desktop));
  return tray;
}
