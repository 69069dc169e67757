/**
 * Copies of files that a browser uploads, by an id that it names. What it may write is bounded here; `lab/upload.ts`
 * is how it arrives. The desktop uploads nothing: what a person chose there is in `features/sources.ts`.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StudioError } from '../engine/contract/errors.ts';
import { hasCode, isDiskFull } from '../engine/training/fileSystem.ts';

export const uploadQuota = {
  /** Bytes of one picture, text or table, and of one archive, model or project. */
  file: 128 * 2 ** 20,
  archive: 8 * 2 ** 30,
  /** Of one upload. */
  files: 200_000,
  total: 16 * 2 ** 30,
  /** Uploads under way. */
  uploads: 16,
  /** Bytes of the disk that are left free, for the database and runs. */
  spare: 256 * 2 ** 20,
} as const;

const NAME_BYTES = 255;
const DEPTH = 16;

interface Upload {
  files: number;
  bytes: number;
}

export class Uploads {
  private readonly folder: string;
  private readonly arriving = new Map<string, Upload>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** What an earlier session left half uploaded is removed. */
  static async open(dataFolder: string): Promise<Uploads> {
    const folder = path.join(dataFolder, 'uploads');
    await rm(folder, { recursive: true, force: true });
    return new Uploads(folder);
  }

  /**
   * Writes one file of an upload.
   *
   * @param file relative, with `/`.
   * @throws StudioError 'input-invalid' for a name or size that is not taken, 'disk-full'; nothing of it is kept.
   */
  async receive(id: string, file: string, content: Readable): Promise<void> {
    requireSafe(file);
    const upload = this.begin(id);
    const cap = /\.(zip|safetensors|stillroom)$/i.test(file) ? uploadQuota.archive : uploadQuota.file;
    await mkdir(this.folder, { recursive: true });
    const disk = await statfs(this.folder);
    const room = Math.min(
      cap,
      uploadQuota.total - upload.bytes,
      disk.bavail * disk.bsize - uploadQuota.spare,
    );
    const target = path.join(this.folder, id, ...file.split('/'));
    await mkdir(path.dirname(target), { recursive: true }).catch(refuseTaken);
    upload.files++;
    let length = 0;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        length += chunk.length;
        upload.bytes += chunk.length;
        if (length <= room) done(null, chunk);
        else done(length > cap ? tooLarge(file) : noRoom());
      },
    });
    // Never over a file that is there: on some disks “A.png” and “a.png” are one.
    const output = createWriteStream(target, { flags: 'wx' });
    try {
      await pipeline(content, counted, output);
    } catch (error) {
      upload.files--;
      upload.bytes -= length;
      if (hasCode(error, 'EEXIST')) refuseTaken(error);
      await rm(target, { force: true });
      if (isDiskFull(error)) throw noRoom();
      throw error;
    }
  }

  has(id: string): boolean {
    return this.arriving.has(id);
  }

  /**
   * Moves what was uploaded to `destination`, which must not exist; then it is no upload any more.
   *
   * @returns the folder or zip that was uploaded, absolute.
   */
  async take(id: string, destination: string): Promise<string> {
    this.arriving.delete(id);
    await mkdir(path.dirname(destination), { recursive: true });
    await rename(path.join(this.folder, id), destination);
    return onlyIn(destination);
  }

  /** The one file or folder that was uploaded, absolute, where it lies until it is discarded or the host ends. */
  async locate(id: string): Promise<string> {
    return onlyIn(path.join(this.folder, id));
  }

  async discard(id: string): Promise<void> {
    this.arriving.delete(id);
    await rm(path.join(this.folder, id), { recursive: true, force: true });
  }

  private begin(id: string): Upload {
    const upload = this.arriving.get(id) ?? { files: 0, bytes: 0 };
    if (!this.arriving.has(id)) {
      if (this.arriving.size >= uploadQuota.uploads)
        throw new StudioError('busy', 'Too many uploads are under way.', 'Wait until one has ended.');
      this.arriving.set(id, upload);
    }
    if (upload.files >= uploadQuota.files)
      throw new StudioError(
        'input-invalid',
        `More than ${uploadQuota.files.toLocaleString('en')} files cannot be added at once.`,
        'Add a part of them, or a zip.',
      );
    return upload;
  }
}

/** What was dropped as one thing keeps its name. */
async function onlyIn(folder: string): Promise<string> {
  const [only, ...others] = await readdir(folder);
  return only !== undefined && others.length === 0 ? path.join(folder, only) : folder;
}

const tooLarge = (file: string) =>
  new StudioError('input-invalid', `“${file}” is too large; it was not kept.`, 'Leave it out.');

const noRoom = () =>
  new StudioError(
    'disk-full',
    'The disk of the data folder has no room for these files; the rest was not kept.',
    'Make room, or add fewer pictures.',
  );

function refuseTaken(cause: unknown): never {
  if (!hasCode(cause, 'EEXIST', 'ENOTDIR')) throw cause;
  throw new StudioError('input-invalid', 'Two of the files have the same name.', 'Rename one of them.', {
    cause,
  });
}

/** Names that every system takes as the plain names of files. @throws StudioError 'input-invalid'. */
export function requireSafe(file: string): void {
  const parts = file.split('/');
  const isSafe = (part: string) =>
    Buffer.byteLength(part) <= NAME_BYTES &&
    /^[^\u0000-\u001f\\:*?"<>|]*[^\u0000-\u001f\\:*?"<>|. ]$/.test(part) &&
    !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(part);
  if (parts.length <= DEPTH && parts.every(isSafe)) return;
  throw new StudioError(
    'input-invalid',
    `“${file.slice(0, 200)}” is no name that every disk takes.`,
    'Rename it, or pack the folder as a zip.',
  );
}
