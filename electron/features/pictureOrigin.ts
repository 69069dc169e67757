/** Which student made a picture, from what the picture carries inside. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { StudioError } from '../../engine/contract/errors.ts';
import type { PictureOrigin } from '../../engine/contract/messages/gallery.ts';
import { readProvenance, type Provenance } from '../../engine/data/png.ts';
import type { Store } from '../store/database.ts';
import { listRuns, type Run } from '../store/runs.ts';
import { listSources } from './modelSources.ts';

/** @throws StudioError 'input-invalid' for a foreign picture, 'file-invalid', 'not-found' where the student is gone. */
export async function findOrigin(store: Store, png: Buffer): Promise<PictureOrigin> {
  const made = png.subarray(0, 4).toString('latin1') === '\x89PNG' ? readProvenance(png) : undefined;
  if (!made)
    throw new StudioError(
      'input-invalid',
      'This picture does not say which student made it.',
      'Drop a PNG that was saved in the gallery: it carries seed, student and recipe.',
    );
  const run = (await listRuns(store)).find((one) => isMaker(one, made));
  const source =
    run &&
    (await listSources(store, run.projectId)).find(
      ({ runId, role }) => runId === run.id && role === 'student',
    );
  if (!run || !source) throw await missing(store, made);
  return { projectId: run.projectId, model: source.model, seed: made.seed, prompt: made.caption ?? '' };
}

/** Where its teacher and pictures lie may have changed since; what it was asked to learn may not. */
function isMaker({ name, recipe }: Run, made: Provenance): boolean {
  return name === made.student && isDeepStrictEqual(learned(recipe), learned(made.recipe));
}

function learned(recipe: unknown): unknown {
  const { data } = z.looseObject({}).safeParse(recipe);
  return data && { ...data, teacher: undefined, data: undefined };
}

async function missing(store: Store, { student, seed }: Provenance): Promise<StudioError> {
  const known = await store.database
    .selectFrom('trashed')
    .innerJoin('runs', 'runs.id', 'trashed.id')
    .select('runs.id')
    .where('runs.name', '=', student)
    .executeTakeFirst();
  return new StudioError(
    'not-found',
    `The model “${student}”, which made this picture from seed ${seed}, is ${known ? 'in the trash' : 'not among the students here'}.`,
    known ? 'Bring it back in the Library.' : 'Distil it again; the picture carries its recipe.',
  );
}
