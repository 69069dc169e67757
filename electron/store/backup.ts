/** A sound copy of the database beside it, and the way back to it when the database is found damaged. */

import Database from 'better-sqlite3';
import { copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diskFileSystem, hasCode } from '../../engine/training/fileSystem.ts';

export const databaseName = 'stillroom.db';
export const backupName = 'stillroom.backup.db';

/** What start-up found and did. */
export interface Recovery {
  /** What is wrong with the database that was found. */
  readonly reason: string;
  /** The folder to which it was moved; undefined where there was no database, only its backup. */
  readonly damaged: string | undefined;
  /** Whether a sound backup took its place; otherwise the database begins empty. */
  readonly restored: boolean;
}

/** Copies the open database, checks the copy and only then replaces the older backup. */
export async function backUp(sqlite: Database.Database, data: string): Promise<void> {
  const unchecked = join(data, `${backupName}.tmp`);
  await rm(unchecked, { force: true });
  await sqlite.backup(unchecked);
  const fault = databaseFault(unchecked);
  if (fault !== undefined) throw new Error(`The copy of the database is damaged: ${fault}`);
  await replaceDurably(unchecked, join(data, backupName), data);
}

/** Hours since the last backup; Infinity where there is none. */
export async function backupAge(data: string): Promise<number> {
  try {
    return (Date.now() - (await stat(join(data, backupName))).mtimeMs) / 3_600_000;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return Infinity;
    throw error;
  }
}

/**
 * Moves a damaged or half moved database aside, never deleting it, and puts the backup in its place if that
 * is sound. Returns undefined where all was well.
 */
export async function restoreIfDamaged(data: string): Promise<Recovery | undefined> {
  const path = join(data, databaseName);
  const exists = await isFile(path);
  const hasBackup = await isFile(join(data, backupName));
  if (!exists && !hasBackup) return undefined;
  const reason = exists ? databaseFault(path) : 'it is missing';
  if (reason === undefined) return undefined;

  const aside = join(data, `damaged-${new Date().toISOString().replaceAll(':', '-')}`);
  await mkdir(aside);
  // The database first: where only its log is left, the next start comes here again.
  for (const name of [databaseName, `${databaseName}-wal`, `${databaseName}-shm`]) {
    if (await isFile(join(data, name))) await rename(join(data, name), join(aside, name));
  }
  await diskFileSystem.syncFolder(data);
  const restored = hasBackup && databaseFault(join(data, backupName)) === undefined;
  if (restored) {
    const copy = `${path}.tmp`;
    await copyFile(join(data, backupName), copy);
    await replaceDurably(copy, path, data);
  }
  return { reason, damaged: exists ? aside : undefined, restored };
}

/** What `quick_check` or the opening finds wrong; undefined for a sound database. Other errors are thrown. */
export function databaseFault(path: string): string | undefined {
  let sqlite: Database.Database | undefined;
  try {
    sqlite = new Database(path, { fileMustExist: true });
    const lines = sqlite.prepare<[], string>('PRAGMA quick_check(5)').pluck().all();
    return lines.length === 1 && lines[0] === 'ok' ? undefined : lines.join('; ');
  } catch (error) {
    if (error instanceof Database.SqliteError && /^SQLITE_(?:CORRUPT|NOTADB)/.test(error.code)) {
      return error.message;
    }
    throw error;
  } finally {
    sqlite?.close();
  }
}

async function replaceDurably(from: string, to: string, folder: string): Promise<void> {
  const file = await open(from, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(from, to);
  await diskFileSystem.syncFolder(folder);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
