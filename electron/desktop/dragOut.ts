/** Pictures dragged out of the window become files wherever they are let go. */
import { nativeImage } from 'electron';
import { z } from 'zod';
import { mediaId } from '../../engine/contract/messages/define.ts';
import type { Desktop } from './desktop.ts';
import { onSent } from './ipc.ts';

const ICON_SIZE = 64;

export function answerDragging({ host }: Pick<Desktop, 'host'>): void {
  onSent('drag:out', z.string().max(80).pipe(mediaId), (id, window) => {
    void host.media(id).then((media) => {
      if (!media || window.isDestroyed()) return;
      const icon = nativeImage.createFromPath(media.file).resize({ width: ICON_SIZE });
      window.webContents.startDrag({ file: media.file, icon });
    });
  });
}
