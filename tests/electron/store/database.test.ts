import Database from 'better-sqlite3';
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFile, open, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { backupName, databaseFault, databaseName } from '../../../electron/store/backup.ts';
import { openDatabase, queriesOf } from '../../../electron/store/database.ts';
import { appliedMigrations, migrate } from '../../../electron/store/migrate.ts';
import { migrations } from '../../../electron/store/migrations/migrations.ts';
import { listTrash } from '../../../electron/store/trash.ts';
import { createProject, listProjects } from '../../../electron/store/projects.ts';
import { useDataFolder } from '../../support/dataFolder.ts';

const data = useDataFolder();
const path = () => join(data.folder, databaseName);

/** The form of a database: what made each of its tables and indexes. */
function form(sqlite: Database.Database): unknown[] {
  return sqlite.prepare(`SELECT type, name, sql FROM sqlite_master ORDER BY name`).all();
}

test('the settings are those under which a commit survives a power cut', () => {
  const sqlite = openDatabase(path());
  expect(sqlite.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(sqlite.pragma('synchronous', { simple: true })).toBe(2);
  expect(sqlite.pragma('foreign_keys', { simple: true })).toBe(1);
  sqlite.close();
});

describe('migrations', () => {
  const names = Object.keys(migrations);
  const upTo = (count: number) => Object.fromEntries(Object.entries(migrations).slice(0, count));

  test('are named in order', () => {
    expect(names).toEqual([...names].sort());
    names.forEach((name, index) => expect(name.startsWith(String(index + 1).padStart(3, '0'))).toBe(true));
  });

  test.each(names.map((_, index) => index + 1))(
    'from version %i keep the rows and end in the same form',
    async (count) => {
      const fresh = openDatabase(':memory:');
      await migrate(queriesOf(fresh));

      const older = openDatabase(path());
      const database = queriesOf<object>(older);
      await migrate(database, upTo(count));
      older.exec(`INSERT INTO projects VALUES ('p', 'Kept', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')`);
      older.exec(
        `INSERT INTO runs VALUES ('r', 'p', 'Run', 'paused', '{"a":1}', NULL, NULL, NULL, 'then', 'then')`,
      );
      await database.destroy();

      const store = await data.open();
      expect(await listProjects(store)).toMatchObject([{ id: 'p', name: 'Kept' }]);
      expect(await store.database.selectFrom('runs').selectAll().execute()).toMatchObject([
        { id: 'r', recipe: '{"a":1}' },
      ]);
      await store.close();
      const migrated = openDatabase(path());
      expect(form(migrated)).toEqual(form(fresh));
      migrated.close();
      fresh.close();
      // Before it went further, the older form was put by.
      if (count < names.length) {
        const backup = new Database(join(data.folder, backupName));
        expect(appliedMigrations(backup)).toEqual(names.slice(0, count));
        backup.close();
      }
    },
  );

  test('what was in the trash stays in it when picture sets may be', async () => {
    const sqlite = openDatabase(path());
    const database = queriesOf<object>(sqlite);
    await migrate(database, upTo(names.indexOf('010-dataSetsInTrash')));
    sqlite.exec(`INSERT INTO trash VALUES ('t', 'run', 'Sparrow', '2026-01-01T00:00:00.000Z')`);
    sqlite.exec(`INSERT INTO trashed VALUES ('r', 't')`);
    await database.destroy();
    const store = await data.open();
    expect(await listTrash(store)).toMatchObject([{ id: 't', kind: 'run', name: 'Sparrow', ids: ['r'] }]);
    await store.database.deleteFrom('trash').execute();
    expect(await store.database.selectFrom('trashed').selectAll().execute()).toEqual([]);
  });

  test('one that fails leaves the database as it was', async () => {
    const sqlite = openDatabase(path());
    const database = queriesOf<object>(sqlite);
    await migrate(database, upTo(1));
    const before = form(sqlite);
    const failing = {
      async up() {
        sqlite.exec('CREATE TABLE half (a INTEGER) STRICT');
        return Promise.reject(new Error('the second statement failed'));
      },
    };
    await expect(migrate(database, { ...migrations, '999-failing': failing })).rejects.toMatchObject({
      cause: { message: 'the second statement failed' },
    });
    expect(form(sqlite)).toEqual(before);
    await database.destroy();
  });

  test('a database of a newer version is refused and left as it is', async () => {
    const store = await data.open();
    await createProject(store, 'Kept');
    await store.close();
    const sqlite = openDatabase(path());
    sqlite.exec(`INSERT INTO kysely_migration VALUES ('900-tomorrow', '2030-01-01')`);
    sqlite.close();
    await expect(data.open()).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringContaining('newer Stillroom') as unknown,
    });
    const after = openDatabase(path());
    expect(after.prepare('SELECT name FROM projects').pluck().all()).toEqual(['Kept']);
    after.close();
  });
});

describe('damage', () => {
  /** A store with a backed-up project and one that came after the backup. */
  async function twoProjects(): Promise<void> {
    const store = await data.open();
    await createProject(store, 'Before the backup');
    await store.backUp();
    await createProject(store, 'After the backup');
    await store.close();
  }

  const damages: [string, () => Promise<void>][] = [
    ['overwritten in the middle', async () => overwrite(path(), 4096, 8192)],
    ['overwritten at its start', async () => overwrite(path(), 0, 512)],
    ['cut in half', async () => truncate(path(), Math.floor((await stat(path())).size / 2))],
    [
      'another file altogether',
      () => writeFile(path(), 'a letter to a friend, and not a database at all'.repeat(50)),
    ],
  ];
  test.each(damages)('a database %s is put aside and restored from its backup', async (_, damage) => {
    await twoProjects();
    await damage();
    const damaged = await readFile(path());
    const store = await data.open();
    expect(store.recovery).toMatchObject({ restored: true });
    expect((await listProjects(store)).map(({ name }) => name)).toEqual(['Before the backup']);
    expect(await readFile(join(store.recovery?.damaged ?? '', databaseName))).toEqual(damaged);
  });

  test('a database that vanished is restored from its backup', async () => {
    await twoProjects();
    await rm(path());
    const store = await data.open();
    expect(store.recovery).toEqual({ reason: 'it is missing', damaged: undefined, restored: true });
    expect(await listProjects(store)).toHaveLength(1);
  });

  test('without a sound backup the database begins empty, and says so', async () => {
    await twoProjects();
    await overwrite(path(), 0, 512);
    await overwrite(join(data.folder, backupName), 0, 512);
    const store = await data.open();
    expect(store.recovery).toMatchObject({ restored: false });
    expect(await listProjects(store)).toEqual([]);
  });

  test('a sound database is left alone', async () => {
    await twoProjects();
    const store = await data.open();
    expect(store.recovery).toBeUndefined();
    expect(await listProjects(store)).toHaveLength(2);
  });

  async function overwrite(file: string, start: number, end: number): Promise<void> {
    const handle = await open(file, 'r+');
    await handle.write(Buffer.alloc(end - start, 0xa5), 0, end - start, start);
    await handle.close();
  }
});

test('a log cut anywhere leaves a committed prefix', async () => {
  await (await data.open()).close(); // so that the log below begins with the first project
  const store = await data.open();
  for (let index = 0; index < 8; index += 1) await createProject(store, `Project ${index}`);
  const [log, copy] = [`${path()}-wal`, join(data.folder, 'copy.db')];
  const size = (await stat(log)).size;
  const stride = process.env['STILLROOM_FAULTS'] === 'long' ? 1 : 997;
  const seen = new Set<number>();
  const lengths = Array.from({ length: Math.ceil(size / stride) }, (_, index) => index * stride);
  for (const length of [...lengths, size]) {
    await copyFile(path(), copy);
    await writeFile(`${copy}-wal`, (await readFile(log)).subarray(0, length));
    expect(databaseFault(copy)).toBeUndefined();
    await rm(`${copy}-wal`, { force: true });
    const sqlite = new Database(copy);
    const names = sqlite.prepare('SELECT name FROM projects ORDER BY id').pluck().all();
    sqlite.close();
    expect(names).toEqual(Array.from({ length: names.length }, (_, index) => `Project ${index}`));
    seen.add(names.length);
  }
  expect([...seen]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
}, 1_800_000);

describe('two instances', () => {
  test('in one process: the second is refused until the first closes', async () => {
    const first = await data.open();
    await expect(data.open()).rejects.toMatchObject({ code: 'busy' });
    await createProject(first, 'Still mine');
    await first.close();
    const second = await data.open();
    expect(await listProjects(second)).toHaveLength(1);
  });

  test('of many processes at once exactly one owns the folder, and a killed one leaves it free', async () => {
    const count = process.env['STILLROOM_FAULTS'] === 'long' ? 100 : 5;
    const owner = join(import.meta.dirname, '../../support/storeOwner.ts');
    const children: ChildProcess[] = [];
    const answers = Array.from({ length: count }, () => {
      const child = spawn(process.execPath, [owner, data.folder], { stdio: ['ignore', 'pipe', 'inherit'] });
      children.push(child);
      return new Promise<string>((resolve) =>
        child.stdout.once('data', (text: Buffer) => resolve(text.toString().trim())),
      );
    });
    try {
      expect((await Promise.all(answers)).sort()).toEqual(
        [...Array<string>(count - 1).fill('busy'), 'owner'].sort(),
      );
    } finally {
      const ended = children.map(
        (child) =>
          new Promise((resolve) => (child.exitCode === null ? child.once('close', resolve) : resolve(0))),
      );
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(ended);
    }
    const store = await data.open();
    expect(await listProjects(store)).toHaveLength(1);
    expect(store.recovery).toBeUndefined();
    expect((await readdir(data.folder)).filter((name) => name.startsWith('damaged'))).toEqual([]);
  });
});
