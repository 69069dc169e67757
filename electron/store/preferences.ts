/** What the app remembers for itself, by name: its settings, which project is the demo. */
import type { z } from 'zod';
import type { Store } from './database.ts';

/** Undefined where nothing is kept, or what is kept does not fit the schema any more. */
export async function readPreference<S extends z.ZodType>(
  store: Store,
  name: string,
  schema: S,
): Promise<z.output<S> | undefined> {
  const row = await store.database
    .selectFrom('preferences')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst();
  return row && schema.safeParse(JSON.parse(row.value)).data;
}

export async function keepPreference(store: Store, name: string, value: unknown): Promise<void> {
  await store.database
    .replaceInto('preferences')
    .values({ name, value: JSON.stringify(value) })
    .execute();
}
