/** Files and folders that a person chose in a dialog, dropped or uploaded. Windows name them by opaque ids only. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';

/** What a window may know of it. */
export interface Source {
  readonly id: string;
  /** Its own name without the folders above it. */
  readonly name: string;
}

/** Older ones are forgotten beyond so many. */
const KEPT = 1000;

export class Sources {
  private readonly paths = new Map<string, string>();

  /** @param location absolute */
  add(location: string): Source {
    const id = randomUUID();
    this.paths.set(id, location);
    const [oldest] = this.paths.keys();
    if (this.paths.size > KEPT && oldest !== undefined) this.paths.delete(oldest);
    return { id, name: path.basename(location) };
  }

  /** Absolute path. @throws StudioError 'not-found'. */
  locate(id: string): string {
    const location = this.paths.get(id);
    if (location !== undefined) return location;
    throw new StudioError('not-found', 'What was chosen is not known any more.', 'Choose it again.');
  }
}
