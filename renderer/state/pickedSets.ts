/** Which of the files that a person dropped or chose belong together as a set of pictures or prompts. */
import { pictureName } from '../../engine/contract/messages/data.ts';

export interface Picked {
  /** Relative, with `/`; begins with the dropped folder's own name. */
  readonly path: string;
  readonly file: File;
}

const besidePictures = /\.(txt|csv|jsonl|json|zip)$/i;

const isWanted = (path: string) =>
  (pictureName.test(path) || besidePictures.test(path)) &&
  !path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');

/**
 * Every archive is a set of its own, all else is one set: several folders dropped together are its classes. Texts without
 * pictures are prompts, each a set.
 */
export function setsOf(picked: readonly Picked[]): Picked[][] {
  const wanted = picked.filter(({ path }) => isWanted(path));
  const isArchive = ({ path }: Picked) => !path.includes('/') && /\.zip$/i.test(path);
  const loose = wanted.filter(({ path }) => !/\.zip$/i.test(path));
  const hasPictures = loose.some(({ path }) => pictureName.test(path));
  const isPrompts = ({ path }: Picked) => !hasPictures && !path.includes('/') && /\.txt$/i.test(path);
  const rest = loose.filter((one) => !isPrompts(one));
  const roots = new Set(rest.map(({ path }) => (path.includes('/') ? path.split('/')[0] : '')));
  const isOneFolder = roots.size === 1 && !roots.has('');
  const wrapped = isOneFolder ? rest : rest.map(({ path, file }) => ({ path: `Pictures/${path}`, file }));
  const alone = wanted.filter((one) => isArchive(one) || isPrompts(one));
  return [...alone.map((one) => [one]), wrapped].filter((set) => set.length > 0);
}
