/** What the desktop asks of its window: the menu's commands, files to open, pictures dragged out. */
import type { Studio } from './studio.svelte.ts';

/** Shows an export's folder where files are shown; in a browser, which may be on another computer, nothing. */
export const showExport = (folder: string): void =>
  window.stillroom?.showExport(folder.split(/[\\/]/).at(-1) ?? '');

const media = /\/media\/([a-z]+\/[0-9a-f-]+)$/;

/** Does nothing in a browser. */
export function hearDesktop({ commands, projectFiles }: Pick<Studio, 'commands' | 'projectFiles'>): void {
  const desktop = window.stillroom;
  if (!desktop) return;
  desktop.onCommand((id) => commands.runById(id));
  desktop.onOpened(({ id, name }) => void projectFiles.open(id, name));
  window.addEventListener('dragstart', (event) => {
    const { target } = event;
    const [, mediaId] = (target instanceof HTMLImageElement && media.exec(target.src)) || [];
    if (mediaId === undefined) return;
    event.preventDefault();
    desktop.dragOut(mediaId);
  });
}
