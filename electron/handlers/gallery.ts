/** The gallery: grids, ratings, measurements, blind tests and races. The engine makes and measures the pictures. */
import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';
import {
  columnKey,
  SMALL_PICTURE,
  type Column,
  type galleryRequests,
  type Item,
  type Race,
  type Source,
} from '../../engine/contract/messages/gallery.ts';
import type { DomainHandlers, HandlerContext } from '../bridge/api.ts';
import { listSources, locateSource } from '../features/modelSources.ts';
import { findOrigin } from '../features/pictureOrigin.ts';
import { writeRaceClip } from '../features/raceClip.ts';
import { createBlindTest, endBlindTest, judgePair, readBlindTest } from '../store/blindTests.ts';
import {
  galleryFolder,
  itemFile,
  listItems,
  listMeasurements,
  projectsOfItems,
  rateItems,
  recordItems,
  recordMeasurements,
} from '../store/galleryItems.ts';
import { getProject } from '../store/projects.ts';
import { discardItems } from '../store/trash.ts';
import type { HostContext } from './context.ts';

interface Cell {
  readonly prompt: string;
  readonly seed: number;
}

/** Pictures of one request to the engine: what was made stays, also when the rest is cancelled. */
const AT_ONCE = 32;
/** As many as the engine samples at once, so that the time of each is what a full batch gives. */
const RACED = 32;
/** A toy's picture is a batch of its own. */
const RACED_TOYS = 12;
/** Of the noise that is measured; not one that people would choose. */
const MEASURED_SEED = 20_000;

type Context = Pick<HostContext, 'store' | 'engine' | 'emit' | 'pictureFolder'>;

export function galleryHandlers(context: Context): DomainHandlers<typeof galleryRequests> {
  const { store, engine, emit, pictureFolder } = context;
  const races = new Map<string, Race>();
  const tellItems = async (ids: readonly string[]) => {
    for (const projectId of await projectsOfItems(store, ids)) emit('gallery.changed', { projectId });
  };
  const sampled = async ({ model, ...how }: Column) => ({ ...how, source: await locateSource(store, model) });
  return {
    sources: ({ projectId }) => listSources(store, projectId),
    list: async ({ projectId }) => ({
      items: await listItems(store, projectId),
      measurements: await listMeasurements(store, projectId),
    }),
    pictures: ({ ids }) => Promise.all(ids.map((id) => readSmall(itemFile(store.data, id)))),
    async render({ projectId, columns, prompts, seeds }, { signal, progress }) {
      await getProject(store, projectId);
      const missing = await missingCells(context, { projectId, columns, prompts, seeds });
      const total = missing.reduce((sum, { cells }) => sum + cells.length, 0);
      let made = 0;
      for (const { source, column, cells } of missing) {
        for (let from = 0; from < cells.length; from += AT_ONCE) {
          const part = cells.slice(from, from + AT_ONCE);
          const rendered = await engine.api.render(
            { column: await sampled(column), cells: part, folder: galleryFolder(store.data), timed: false },
            { signal, onProgress: (done) => progress(made + done, total) },
          );
          await recordItems(
            store,
            projectId,
            rendered.pictures.map(({ id }, i) => ({
              ...{ id, column, name: source.name, iteration: source.iteration },
              ...{ prompt: part[i]?.prompt ?? '', seed: part[i]?.seed ?? 0 },
              evaluations: rendered.evaluations,
            })),
          );
          made += part.length;
          progress(made, total);
          emit('gallery.changed', { projectId });
        }
      }
      return { made };
    },
    play: async ({ model, ...played }, { signal }) =>
      engine.api.play({ ...played, source: await locateSource(store, model) }, { signal }),
    origin: ({ png }) => findOrigin(store, Buffer.from(png, 'base64')),
    async rate({ ids, rating }) {
      await rateItems(store, ids, rating);
      await tellItems(ids);
      return {};
    },
    async discard({ ids }) {
      const trashId = await discardItems(store, ids);
      await tellItems(ids);
      emit('library.changed', {});
      return { trashId };
    },
    async measure({ projectId, teacher, columns, count }, { signal, progress }) {
      await getProject(store, projectId);
      const asked = {
        teacher: await sampled(teacher),
        columns: await Promise.all(columns.map(sampled)),
        ...{ count, seed: MEASURED_SEED },
      };
      const found = await engine.api.measureColumns(asked, { signal, onProgress: progress });
      const measuredAt = new Date().toISOString();
      const measurements = [teacher, ...columns].map((column, i) => ({
        ...{ column, count, measuredAt },
        values: found[i] ?? {},
      }));
      await recordMeasurements(store, projectId, measurements);
      emit('gallery.changed', { projectId });
      return measurements;
    },
    async startBlindTest({ projectId, first, second }) {
      const items = await listItems(store, projectId);
      const of = (column: Column) => items.filter((item) => columnKey(item.column) === columnKey(column));
      const others = new Map(of(second).map((item) => [cellKey(item), item]));
      const pairs = of(first).flatMap((item): [Item, Item][] => {
        const other = others.get(cellKey(item));
        return other ? [[item, other]] : [];
      });
      if (pairs.length === 0)
        throw new StudioError(
          'input-invalid',
          'These two have no pictures for the same prompt and seed.',
          'Make the missing ones in the grid first.',
        );
      return readBlindTest(store, await createBlindTest(store, projectId, pairs));
    },
    judge: async ({ pairId, choice }) => readBlindTest(store, await judgePair(store, pairId, choice)),
    async endBlindTest({ id }) {
      await endBlindTest(store, id);
      return readBlindTest(store, id);
    },
    async race(asked, { signal, progress }) {
      const race = await runRace(context, asked, { signal, progress });
      races.set(race.id, race);
      return race;
    },
    async raceClip({ id, format }) {
      const race = races.get(id);
      if (!race) throw new StudioError('not-found', 'This race is over.', 'Race again, then save it.');
      const clip = randomUUID();
      const lanes = race.lanes.map(({ name, column, evaluations, pictures }) => ({
        label: name,
        detail: `${column.steps === 1 ? '1 step' : `${column.steps} steps`} · ${evaluations} evaluations · ${(pictures.at(-1)?.at ?? 0).toFixed(2)} s for ${pictures.length} pictures`,
        pictures: pictures.map(({ media, at }) => ({
          file: path.join(pictureFolder, `${path.basename(media)}.png`),
          at,
        })),
      }));
      await writeRaceClip(path.join(pictureFolder, `${clip}.${format}`), format, lanes);
      return { media: `clips/${clip}` };
    },
  };
}

const cellKey = ({ prompt, seed }: Cell): string => `${seed} ${prompt}`;

async function readSmall(file: string): Promise<string | null> {
  const { size } = await stat(file).catch(() => ({ size: Infinity }));
  return size > SMALL_PICTURE ? null : readFile(file, 'base64');
}

/** What the grid lacks, column after column. @throws StudioError for a model that is not there or not asked rightly. */
async function missingCells(
  { store }: Context,
  {
    projectId,
    columns,
    prompts,
    seeds,
  }: {
    readonly projectId: string;
    readonly columns: readonly Column[];
    readonly prompts: readonly string[];
    readonly seeds: readonly number[];
  },
): Promise<{ source: Source; column: Column; cells: Cell[] }[]> {
  const sources = await listSources(store, projectId);
  const there = new Set(
    (await listItems(store, projectId)).map((item) => `${columnKey(item.column)} ${cellKey(item)}`),
  );
  return columns.map((column) => {
    const source = requireSource(sources, column);
    const cells = promptsFor(source, prompts).flatMap((prompt) => seeds.map((seed) => ({ prompt, seed })));
    return {
      ...{ source, column },
      cells: cells.filter((cell) => !there.has(`${columnKey(column)} ${cellKey(cell)}`)),
    };
  });
}

/** A toy shows all of its classes in one picture. */
function promptsFor({ family, classNames }: Source, prompts: readonly string[]): readonly string[] {
  if (family === 'mlp') return [''];
  if (prompts.length > 0) return [...new Set(prompts)];
  return classNames.length > 0 ? classNames : [''];
}

function requireSource(sources: readonly Source[], { model, guidance }: Column): Source {
  const source = sources.find((one) => one.model === model);
  if (!source)
    throw new StudioError(
      'not-found',
      'One of these models does not exist any more.',
      'Choose the columns anew.',
    );
  if ((source.role === 'student') !== (guidance === null))
    throw new StudioError(
      'input-invalid',
      'A teacher needs a guidance; a student has its own within it.',
      '',
      {
        field: 'guidance',
      },
    );
  return source;
}

async function runRace(
  { store, engine, pictureFolder }: Context,
  asked: { projectId: string; columns: readonly Column[]; prompts: readonly string[]; seed: number },
  { signal, progress }: HandlerContext,
): Promise<Race> {
  const { projectId, columns, prompts, seed } = asked;
  const sources = await listSources(store, projectId);
  const lanes: Race['lanes'] = [];
  for (const [index, column] of columns.entries()) {
    const source = requireSource(sources, column);
    const count = source.family === 'mlp' ? RACED_TOYS : RACED;
    const texts = promptsFor(source, prompts);
    const cells = Array.from({ length: count }, (_, i) => ({
      prompt: texts[i % texts.length] ?? '',
      seed: seed + Math.floor(i / texts.length),
    }));
    const how = { steps: column.steps, guidance: column.guidance };
    const { pictures, evaluations } = await engine.api.render(
      {
        ...{ cells, folder: pictureFolder, timed: true },
        column: { ...how, source: await locateSource(store, column.model) },
      },
      { signal, onProgress: (done) => progress(index * count + done, columns.length * count) },
    );
    lanes.push({
      ...{ column, evaluations, name: source.name },
      pictures: pictures.map(({ id, at }) => ({ media: `pictures/${id}`, at })),
    });
  }
  return { id: randomUUID(), lanes };
}
