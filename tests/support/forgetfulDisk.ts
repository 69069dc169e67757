/**
 * A disk in memory that forgets: at a power cut each change that was not synced is kept, lost or half kept,
 * by chance and in any order. Not a model of one file system, but of what POSIX allows them all.
 */

import { dirname, basename } from 'node:path';
import type { FileSystem } from '../../engine/training/fileSystem.ts';
import { systemError } from './faultyDisk.ts';

class FileNode {
  /** As programs see it, and as the disk holds it. */
  seen: Buffer = Buffer.alloc(0);
  held: Buffer = Buffer.alloc(0);
}

class FolderNode {
  seen = new Map<string, Node>();
  held = new Map<string, Node>();
  /** Changes of names since the last sync. */
  pending: ((names: Map<string, Node>) => void)[] = [];

  change(apply: (names: Map<string, Node>) => void): void {
    apply(this.seen);
    this.pending.push(apply);
  }
}

type Node = FileNode | FolderNode;

export class ForgetfulDisk implements FileSystem {
  #root = new FolderNode();
  readonly #random: () => number;
  /** For proving that a test can fail: a disk that lies about syncs. */
  readonly #ignores: 'nothing' | 'file syncs' | 'folder syncs';

  constructor(random: () => number, ignores: 'nothing' | 'file syncs' | 'folder syncs' = 'nothing') {
    this.#random = random;
    this.#ignores = ignores;
  }

  /** The machine starts again after the power failed: only what the disk happens to hold is left. */
  cutPower(): void {
    const visit = (node: Node) => {
      if (node instanceof FileNode) {
        node.held = this.#halfKept(node);
        node.seen = Buffer.from(node.held);
        return;
      }
      for (const apply of node.pending) if (this.#random() < 0.5) apply(node.held);
      node.pending = [];
      node.seen = new Map(node.held);
      for (const child of node.held.values()) visit(child);
    };
    visit(this.#root);
  }

  freeBytes(): Promise<number> {
    return Promise.resolve(Infinity);
  }

  async makeFolder(path: string): Promise<void> {
    if (path === '/' || this.#find(path) !== undefined) return;
    await this.makeFolder(dirname(path));
    const made = new FolderNode();
    this.#folder(dirname(path)).change((names) => names.set(basename(path), made));
    await this.syncFolder(dirname(path));
  }

  list(path: string): Promise<string[]> {
    const node = this.#find(path);
    return Promise.resolve(node instanceof FolderNode ? [...node.seen.keys()] : []);
  }

  create(path: string) {
    const file = new FileNode();
    this.#folder(dirname(path)).change((names) => names.set(basename(path), file));
    return Promise.resolve({
      write: (bytes: Uint8Array) => {
        file.seen = Buffer.concat([file.seen, bytes]);
        return Promise.resolve();
      },
      sync: () => {
        if (this.#ignores !== 'file syncs') file.held = Buffer.from(file.seen);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    });
  }

  size(path: string): Promise<number> {
    const node = this.#find(path);
    return node instanceof FileNode
      ? Promise.resolve(node.seen.length)
      : Promise.reject(systemError('ENOENT'));
  }

  async *read(path: string) {
    await this.size(path);
    const node = this.#find(path);
    if (node instanceof FileNode) yield node.seen;
  }

  rename(from: string, to: string): Promise<void> {
    const node = this.#find(from);
    if (node === undefined) return Promise.reject(systemError('ENOENT'));
    const [source, target] = [this.#folder(dirname(from)), this.#folder(dirname(to))];
    if (source !== target) {
      target.change((names) => names.set(basename(to), node));
      source.change((names) => names.delete(basename(from)));
    } else {
      source.change((names) => {
        names.delete(basename(from));
        names.set(basename(to), node);
      });
    }
    return Promise.resolve();
  }

  syncFolder(path: string): Promise<void> {
    const folder = this.#folder(path);
    if (this.#ignores !== 'folder syncs') {
      folder.held = new Map(folder.seen);
      folder.pending = [];
    }
    return Promise.resolve();
  }

  async remove(path: string): Promise<void> {
    const node = this.#find(path);
    if (node === undefined) return;
    if (node instanceof FolderNode)
      for (const name of [...node.seen.keys()]) await this.remove(`${path}/${name}`);
    this.#folder(dirname(path)).change((names) => names.delete(basename(path)));
  }

  #halfKept({ seen, held }: FileNode): Buffer {
    const chance = this.#random();
    if (seen.equals(held) || chance < 0.3) return held;
    const kept = Buffer.from(seen);
    return chance < 0.6 ? kept : kept.fill(0, Math.floor(this.#random() * kept.length));
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      node = node instanceof FolderNode ? node.seen.get(name) : undefined;
    }
    return node;
  }

  #folder(path: string): FolderNode {
    const node = this.#find(path);
    if (node instanceof FolderNode) return node;
    throw systemError('ENOENT');
  }
}
