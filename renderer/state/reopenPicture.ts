/** A saved picture that is dropped anywhere opens the student that made it, with its seed and prompt. */
import { StudioError } from '../../engine/contract/errors.ts';
import { LARGEST_PICTURE } from '../../engine/contract/messages/gallery.ts';
import { language } from '../messages/language.svelte.ts';
import type { Studio } from './studio.svelte.ts';

/** Says what is wrong as a notice. */
export async function reopenPicture({ api, projects, router, toasts }: Studio, file: File): Promise<void> {
  const words = language.words.gallery.reopen;
  try {
    if (file.size > LARGEST_PICTURE) throw new StudioError('input-invalid', words.foreign, words.foreignHelp);
    const bytes = new Uint8Array(await file.arrayBuffer());
    const png = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    const { projectId, model, seed, prompt } = await api.gallery.origin({ png });
    if (projects.openId !== projectId) await projects.openProject(projectId);
    router.go('gallery', 'play', model, String(seed), encodeURIComponent(prompt));
    toasts.show(words.opened(seed), 'good');
  } catch (error) {
    toasts.error(error);
  }
}
