/**
 * One process owns a data folder at a time. The lock is SQLite's own lock on an empty database: the operating
 * system drops it when its process ends, however it ends, so that no stale lock file can be left.
 */

import Database from 'better-sqlite3';
import { join } from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';

/** The locks that are held: a database that nothing refers to is closed by the garbage collector, and so unlocked. */
const held = new Set<Database.Database>();

/** Returns what releases the folder. Throws StudioError 'busy' where another process owns it. */
export function lockDataFolder(data: string): () => void {
  const lock = new Database(join(data, 'stillroom.lock'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if (!(cause instanceof Database.SqliteError) || !cause.code.startsWith('SQLITE_BUSY')) throw cause;
    throw new StudioError(
      'busy',
      `Another Stillroom is using the data folder ${data}.`,
      'Close it, or give this one another folder with STILLROOM_DATA.',
      { cause },
    );
  }
  held.add(lock);
  return () => {
    held.delete(lock);
    lock.close();
  };
}
