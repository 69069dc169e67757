/** The live instrument over the bridge: its pixels against the grid's picture of the same seed, made another way. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { connect } from '../../../electron/bridge/connect.ts';
import { memoryTransports } from '../../../electron/bridge/transports/memory.ts';
import { openHost } from '../../../electron/host.ts';
import { itemMedia } from '../../../engine/contract/messages/gallery.ts';
import { studioContract } from '../../../engine/contract/messages.ts';

it("plays a student's pictures, which are those of the grid", { timeout: 180_000 }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stillroom-instrument-'));
  const host = await openHost({ host: 'lab', version: '0.0.0', dataFolder: folder });
  const [ours, theirs] = memoryTransports();
  host.accept(theirs);
  const { api } = connect(studioContract, ours);
  try {
    const projectId = (await api.projects.create({ name: 'Played' })).id;
    await expect.poll(async () => (await api.app.state()).engine.status, { timeout: 90_000 }).toBe('ready');
    const recipe = {
      ...{ name: 'Swift', teacher: 'emoji', data: 'demo', student: { steps: 2 } },
      training: { iterations: 1, batch: 2, checkpointEvery: 1, sampleEvery: 1000 },
    };
    const { id } = await api.runs.start({ projectId, kind: 'distillation', recipe });
    await expect.poll(async () => (await api.runs.get({ id })).status, { timeout: 120_000 }).toBe('done');
    const model = `run:${id}`;
    const prompt = (await api.gallery.sources({ projectId }))[0]?.classNames[0] ?? '';
    const play = (seed: number, towards: { seed: number; share: number } | null = null) =>
      api.gallery.play({ model, steps: 2, prompt, seed, towards });
    const bytes = async (...asked: Parameters<typeof play>) =>
      Buffer.from((await play(...asked)).pixels, 'base64');

    const columns = [{ model, steps: 2, guidance: null }];
    await api.gallery.render({ projectId, columns, prompts: [prompt], seeds: [7] });
    const [item] = (await api.gallery.list({ projectId })).items;
    const file = (await host.media(itemMedia({ id: item?.id ?? '' })))?.file;
    const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const seven = await play(7);
    expect(seven).toMatchObject({ width: info.width, height: info.height, evaluations: 2 });
    expect(seven.milliseconds).toBeGreaterThan(0);
    // One picture alone and one of a filled batch differ by rounding only.
    expect(farthest(Buffer.from(seven.pixels, 'base64'), data)).toBeLessThanOrEqual(2);

    // The saved picture finds its student again, and says what is missing once it is thrown away.
    const saved = await readFile(file ?? '');
    const origin = (png: Buffer) => api.gallery.origin({ png: png.toString('base64') });
    expect(await origin(saved)).toEqual({ projectId, model, seed: 7, prompt });
    await expect(origin(await sharp(saved).png().toBuffer())).rejects.toMatchObject({
      code: 'input-invalid',
    });
    await expect(origin(saved.subarray(0, 200))).rejects.toMatchObject({ code: 'file-invalid' });

    const eight = await bytes(8);
    expect(farthest(await bytes(7, { seed: 8, share: 1 }), eight)).toBeLessThanOrEqual(2);
    const between = await bytes(7, { seed: 8, share: 0.5 });
    expect(farthest(between, data)).toBeGreaterThan(20);
    expect(farthest(between, eight)).toBeGreaterThan(20);

    const teacher = { model: 'emoji', steps: 2, prompt, seed: 7, towards: null };
    await expect(api.gallery.play(teacher)).rejects.toMatchObject({ code: 'input-invalid' });

    await api.library.discardRun({ runId: id });
    await expect(origin(saved)).rejects.toThrow(
      '“Swift”, which made this picture from seed 7, is in the trash',
    );
  } finally {
    await host.close();
    await rm(folder, { recursive: true, force: true });
  }
});

/** The largest difference of two pictures, in grey levels. */
function farthest(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? 0))), 0);
}
