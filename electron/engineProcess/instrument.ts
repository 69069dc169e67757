/** The live instrument: one student's picture at a time, as raw pixels, with nothing between the graph and the answer. */
import { StudioError } from '../../engine/contract/errors.ts';
import { toBytes } from '../../engine/data/png.ts';
import type { Sampler } from '../../engine/sampling/sampler.ts';
import { generator, promptsOf, type Loaded } from './gallery.ts';
import type { Instant, Playing } from './messages.ts';

/** Those whose graph for one picture is recorded. */
const warm = new WeakSet<Sampler>();

/**
 * The picture of one seed, or of noise between two. A model's first picture is made twice, since the graph is
 * recorded at its first use: `milliseconds` are those of the graph alone.
 *
 * @throws StudioError 'input-invalid' for anything but a student of pictures.
 */
export async function playStudent(
  { model, sampler }: Loaded,
  { steps, prompt, seed, towards }: Playing,
): Promise<Instant> {
  const { info } = model;
  const [height, width, channels] = model.denoiser.network.sampleShape;
  if (!info.times || channels !== 3 || height === undefined || width === undefined)
    throw new StudioError(
      'input-invalid',
      `“${info.name}” is no student of pictures.`,
      'Choose a student that makes pictures.',
    );
  const { condition } = promptsOf(model, [prompt]);
  const request = { seed, seeds: [seed], count: 1, batch: 1, condition, ...(towards && { towards }) };
  const generate = generator({ model, sampler }, { steps, guidance: null });
  if (!warm.has(sampler)) await generate(request);
  warm.add(sampler);
  const { values, seconds, evaluations } = await generate(request);
  const pixels = Buffer.from(toBytes(values)).toString('base64');
  return { width, height, pixels, evaluations, milliseconds: 1000 * seconds };
}
