/** `stillroom sample`: pictures of a model as one PNG that remembers how it was made. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';
import { imageGrid, insertProvenance } from '../../engine/data/png.ts';
import { readModel } from '../../engine/training/modelFile.ts';
import { createModelSampler } from '../../engine/training/modelSampler.ts';
import { enlargement } from '../features/comparison/pixelPicture.ts';
import { modelPrompts } from '../features/modelPrompts.ts';
import { asImages } from '../features/pictures.ts';
import { pointPicture } from '../features/pointPicture.ts';
import { formatCount, formatSeconds } from '../terminal/quantities.ts';
import { parseWords, wholeNumber, type Command } from './command.ts';
import { startEngine } from './engineStart.ts';
import { seedOf, teacherSampling, type SamplingFlags } from './samplingFlags.ts';

export const sampleCommand: Command = {
  summary: 'Make pictures with a teacher or a student.',
  usage: `stillroom sample MODEL [--prompt TEXT]… [--seed N] [--count N] [--steps N] [--guidance X]
                 [--solver euler|heun] [--out FILE]

  MODEL            a model's folder, or a bundled teacher: emoji, toy
  --prompt TEXT    a caption, or a class of a model without captions; one row each (default: every class)
  --count N        pictures in a row (default 4; a toy's points: 64)
  --steps, --guidance, --solver    for teachers (default 50, 2.5, euler); a student has its own
  --out FILE       default: sample.png`,
  async run({ words, reporter, signal }) {
    const { flags, lists, positionals } = parseWords(words, {
      prompt: 'list',
      seed: 'string',
      count: 'string',
      steps: 'string',
      guidance: 'string',
      solver: 'string',
      out: 'string',
    });
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0)
      throw new StudioError('input-invalid', 'Name one model to sample.', 'Quote a prompt of several words.');
    const sampling = teacherSampling(flags);
    const seed = seedOf(flags);
    const model = await readModel(name);
    if (model.info.role === 'student') refuseTeacherFlags(flags);
    const isToy = model.info.network.family === 'mlp';
    const perRow = wholeNumber('count', flags.count, isToy ? 64 : 4, [1, 1024]);
    const prompts = modelPrompts(model, lists['prompt'] ?? [], perRow);

    await startEngine(reporter, signal);
    const { captions, classes, condition } = prompts;
    const count = classes.length;
    reporter.phase(`Sample ${model.info.name}`, formatCount(count, isToy ? 'point' : 'picture'));
    const sampler = createModelSampler(model, sampling);
    const { values, evaluations, seconds } = await sampler.generate({ seed, count, condition });
    sampler.dispose();
    const picture = isToy
      ? await pointPicture(values, classes, model.info.classNames.length)
      : await imageGrid(asImages(values, model), {
          columns: perRow,
          scale: enlargement(model.denoiser.network.sampleShape[0] ?? 1),
        });
    const caption = [...new Set(captions)].join(' · ');
    const recipe = model.info.made['recipe'] ?? null;
    const file = path.resolve(flags.out ?? 'sample.png');
    const made = { seed, student: model.info.name, ...(caption && { caption }), recipe };
    await writeFile(file, insertProvenance(picture, made));
    reporter.done(
      `${file}: ${formatCount(evaluations, 'evaluation')} each, ${formatSeconds(seconds / count)} each`,
      { file, evaluations, seconds, count },
    );
    return 0;
  },
};

function refuseTeacherFlags(flags: SamplingFlags): void {
  const given = (['steps', 'guidance', 'solver'] as const).find((flag) => flags[flag] !== undefined);
  if (given === undefined) return;
  throw new StudioError(
    'input-invalid',
    `A student has its steps and its guidance within it, so --${given} is for teachers alone.`,
    'Leave it out; nothing was sampled.',
    { field: given },
  );
}
