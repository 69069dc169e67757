/** Brings a database of any older version to this version's form, in one transaction. */

import type Database from 'better-sqlite3';
import type { Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { StudioError } from '../../engine/contract/errors.ts';
import { migrations } from './migrations/migrations.ts';

/** Names of the migrations that the database went through. */
export function appliedMigrations(sqlite: Database.Database): string[] {
  const table = sqlite.prepare(`SELECT 1 FROM sqlite_master WHERE name = 'kysely_migration'`);
  if (table.get() === undefined) return [];
  return sqlite.prepare<[], string>('SELECT name FROM kysely_migration ORDER BY name').pluck().all();
}

/** Throws StudioError 'file-invalid' where a newer Stillroom went further than `known`. */
export function refuseNewer(
  sqlite: Database.Database,
  known: Readonly<Record<string, Migration>> = migrations,
) {
  const unknown = appliedMigrations(sqlite).filter((name) => !(name in known));
  if (unknown.length === 0) return;
  throw new StudioError(
    'file-invalid',
    `This data folder was used by a newer Stillroom (${unknown.join(', ')}); it was left as it is.`,
    'Update Stillroom, or give this one another folder with STILLROOM_DATA.',
  );
}

/** Applies what is missing: all of it or, where StudioError 'internal' is thrown, nothing. */
export async function migrate<Tables>(
  database: Kysely<Tables>,
  known: Readonly<Record<string, Migration>> = migrations,
): Promise<void> {
  const provider = { getMigrations: () => Promise.resolve({ ...known }) };
  const { error } = await new Migrator({ db: database, provider }).migrateToLatest();
  if (error === undefined) return;
  throw new StudioError(
    'internal',
    'The database could not be brought to this version; it was left as it is.',
    'Go on with the older version of Stillroom and report this.',
    { cause: error },
  );
}
