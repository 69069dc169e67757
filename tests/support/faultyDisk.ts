/** File systems that fail: one that reports each call before it is made, so that a test can throw or kill there. */

import type { FileSystem } from '../../engine/training/fileSystem.ts';

/** `before` is told each changing call's name and number, from 0; what it throws, the call throws. */
export function watchedDisk(base: FileSystem, before: (call: string, index: number) => void): FileSystem {
  let index = 0;
  const announce = (call: string) => {
    index += 1;
    before(call, index - 1);
  };
  const announced =
    <Parameters extends unknown[], Result>(
      call: string,
      work: (...parameters: Parameters) => Promise<Result>,
    ) =>
    async (...parameters: Parameters): Promise<Result> => {
      announce(call);
      return work(...parameters);
    };
  return {
    freeBytes: (folder) => base.freeBytes(folder),
    list: (folder) => base.list(folder),
    size: (path) => base.size(path),
    read: (path) => base.read(path),
    makeFolder: announced('makeFolder', (folder) => base.makeFolder(folder)),
    rename: announced('rename', (from, to) => base.rename(from, to)),
    syncFolder: announced('syncFolder', (folder) => base.syncFolder(folder)),
    remove: announced('remove', (path) => base.remove(path)),
    create: announced('create', async (path) => {
      const file = await base.create(path);
      return {
        write: announced('write', (bytes) => file.write(bytes)),
        sync: announced('sync', () => file.sync()),
        close: async () => {
          await file.close(); // first, so that an injected failure leaves no open file behind
          announce('close');
        },
      };
    }),
  };
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
