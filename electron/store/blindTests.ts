/** Blind tests: pairs of pictures in an order and on sides drawn by chance, and which one a person chose. */
import { randomInt } from 'node:crypto';
import { v4 as newId } from 'uuid';
import { itemMedia, type BlindTest, type Item } from '../../engine/contract/messages/gallery.ts';
import { StudioError } from '../../engine/contract/errors.ts';
import { chanceOfEquals } from './blindStatistics.ts';
import type { Store } from './database.ts';
import { getItem } from './galleryItems.ts';

/** @param pairs of two columns, each for the same prompt and seed. */
export async function createBlindTest(
  { database }: Store,
  projectId: string,
  pairs: readonly (readonly [Item, Item])[],
): Promise<string> {
  const id = newId();
  const rows = shuffled(pairs).map(([first, second], position) => ({
    ...{ id: newId(), testId: id, position, choice: null },
    ...{ firstItemId: first.id, secondItemId: second.id },
    firstIsLeft: randomInt(2) === 0 ? (0 as const) : (1 as const),
  }));
  await database.transaction().execute(async (transaction) => {
    const createdAt = new Date().toISOString();
    await transaction.insertInto('blindTests').values({ id, projectId, createdAt, endedAt: null }).execute();
    for (const row of rows) await transaction.insertInto('blindPairs').values(row).execute();
  });
  return id;
}

/** Returns the test's id. Throws 'not-found', or 'input-invalid' for a pair that was judged before. */
export async function judgePair(
  { database }: Store,
  pairId: string,
  choice: 'left' | 'right' | 'tie',
): Promise<string> {
  const pair = await database
    .selectFrom('blindPairs')
    .selectAll()
    .where('id', '=', pairId)
    .executeTakeFirst();
  if (!pair) throw new StudioError('not-found', 'This pair does not exist any more.');
  if (pair.choice !== null) throw new StudioError('input-invalid', 'This pair was judged already.');
  const chosen =
    choice === 'tie' ? choice : (choice === 'left') === (pair.firstIsLeft === 1) ? 'first' : 'second';
  await database.updateTable('blindPairs').set({ choice: chosen }).where('id', '=', pairId).execute();
  return pair.testId;
}

export async function endBlindTest({ database }: Store, id: string): Promise<void> {
  const endedAt = new Date().toISOString();
  await database.updateTable('blindTests').set({ endedAt }).where('id', '=', id).execute();
}

/** What a person may know of it: until its end not which side is which. Throws 'not-found'. */
export async function readBlindTest(store: Store, id: string): Promise<BlindTest> {
  const { database } = store;
  const test = await database.selectFrom('blindTests').selectAll().where('id', '=', id).executeTakeFirst();
  const pairs = await database
    .selectFrom('blindPairs')
    .selectAll()
    .where('testId', '=', id)
    .orderBy('position')
    .execute();
  const [sample] = pairs;
  if (!test || !sample) throw new StudioError('not-found', 'This blind test does not exist any more.');
  const next = test.endedAt === null ? pairs.find(({ choice }) => choice === null) : undefined;
  const count = (choice: 'first' | 'second' | 'tie') => pairs.filter((pair) => pair.choice === choice).length;
  const [first, second, ties] = [count('first'), count('second'), count('tie')];
  const side = async (itemId: string, wins: number) => {
    const { column, name } = await getItem(store, itemId);
    return { column, name, wins };
  };
  const shown = async ({ id: pairId, firstItemId, secondItemId, firstIsLeft }: typeof sample) => {
    const media = [firstItemId, secondItemId].map((itemId) => itemMedia({ id: itemId }));
    const [left = '', right = ''] = firstIsLeft === 1 ? media : media.reverse();
    return { pairId, left, right, prompt: (await getItem(store, firstItemId)).prompt };
  };
  return {
    ...{ id, judged: first + second + ties, total: pairs.length },
    next: next ? await shown(next) : null,
    result: next
      ? null
      : {
          first: await side(sample.firstItemId, first),
          second: await side(sample.secondItemId, second),
          ...{ ties, chance: chanceOfEquals(first, second) },
        },
  };
}

/** Fisher–Yates with the system's random numbers. */
function shuffled<T>(values: readonly T[]): T[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    const [a, b] = [result[i], result[j]];
    if (a !== undefined && b !== undefined) [result[i], result[j]] = [b, a];
  }
  return result;
}
