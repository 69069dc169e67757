/** Pictures, and files to fetch, by their opaque ids: which file a media id means, if any. Windows never name a path. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { downloadsFolder } from './features/projectFile/downloads.ts';
import { sweepPictures } from './features/sweeps/sweepFolder.ts';
import type { Store } from './store/database.ts';
import { galleryFolder } from './store/galleryItems.ts';

export interface MediaFile {
  /** Absolute, links resolved. */
  readonly file: string;
  readonly type: string;
}

const types: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.jpg': 'image/jpeg',
  '.stillroom': 'application/zip',
};
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class Media {
  private readonly store: Store;
  private readonly pictureFolder: string;

  constructor(store: Store, pictureFolder: string) {
    this.store = store;
    this.pictureFolder = pictureFolder;
  }

  /** Undefined for anything that is no picture of ours. */
  async find(mediaId: string): Promise<MediaFile | undefined> {
    const [kind, id = '', ...more] = mediaId.split('/');
    if (more.length > 0 || !uuid.test(id)) return undefined;
    if (kind === 'pictures') return within(this.pictureFolder, `${id}.png`);
    if (kind === 'clips')
      return (
        (await within(this.pictureFolder, `${id}.webp`)) ?? (await within(this.pictureFolder, `${id}.gif`))
      );
    if (kind === 'projects') return within(downloadsFolder(this.store.data), `${id}.stillroom`);
    if (kind === 'items') return within(galleryFolder(this.store.data), `${id}.png`);
    if (kind === 'sweeps') return within(sweepPictures(this.store.data), `${id}.png`);
    if (kind !== 'samples') return undefined;
    const sample = await this.store.database
      .selectFrom('samples')
      .select('path')
      .where('id', '=', id)
      .executeTakeFirst();
    return sample && within(this.store.data, sample.path);
  }
}

/** The file below the folder, also after links are followed; undefined where there is none. */
export async function within(folder: string, relative: string): Promise<MediaFile | undefined> {
  const type = types[path.extname(relative).toLowerCase()];
  if (type === undefined) return undefined;
  try {
    const root = await realpath(folder);
    const file = await realpath(path.join(root, relative));
    return file.startsWith(root + path.sep) ? { file, type } : undefined;
  } catch {
    return undefined;
  }
}
