/** `stillroom compare`: a report of models for the same prompts and noise, against a teacher's guided samples. */
import path from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../engine/contract/errors.ts';
import type { Dataset } from '../../engine/data/dataset.ts';
import type { SampleRequest, TeacherSampling } from '../../engine/sampling/sampler.ts';
import { readBundledClassifier } from '../../engine/training/bundledClassifier.ts';
import { openDataFor } from '../../engine/training/distillationJob.ts';
import type { ModelInfo } from '../../engine/contract/modelInfo.ts';
import { readModel, type Model } from '../../engine/training/modelFile.ts';
import { createModelSampler } from '../../engine/training/modelSampler.ts';
import type { ComparisonColumn } from '../features/comparison/comparison.ts';
import { comparisonTable } from '../features/comparison/comparisonTable.ts';
import { writeReport } from '../features/comparison/writeReport.ts';
import { Evaluation, haveSameTask, type Contestant } from '../features/evaluation.ts';
import { captionsOfClasses } from '../features/pictures.ts';
import { formatCount } from '../terminal/quantities.ts';
import { parseWords, wholeNumber, type Command } from './command.ts';
import { startEngine } from './engineStart.ts';
import { seedOf, teacherSampling } from './samplingFlags.ts';

export const compareCommand: Command = {
  summary: 'Compare a teacher and its students: a page with pictures and numbers.',
  usage: `stillroom compare TEACHER MODEL… [--prompt TEXT]… [--seed N] [--count N] [--guidance X] [--out FOLDER]

  TEACHER        at 50 guided steps the reference of the comparison
  --prompt TEXT  captions to show (default: one of each class of the teacher's data)
  --count N      further pictures, from which the numbers are measured (default 256)
  --guidance X   of the teachers (default 2.5)
  --out FOLDER   default: comparison`,
  async run({ words, reporter, signal }) {
    const { flags, lists, positionals } = parseWords(words, {
      prompt: 'list',
      seed: 'string',
      count: 'string',
      guidance: 'string',
      out: 'string',
    });
    const sampling = teacherSampling(flags);
    const seed = seedOf(flags);
    const measured = wholeNumber('count', flags.count, 256, [16, 10_000]);
    const models = await Promise.all(positionals.map(readModel));
    const [teacher] = models;
    if (teacher?.info.role !== 'teacher' || models.length < 2)
      throw new StudioError(
        'input-invalid',
        'A comparison needs a teacher, named first, and at least one other model.',
        'Nothing was written.',
      );
    for (const { info } of models) requireSameTask(teacher.info, info);
    const dataset = await datasetOf(teacher);
    const active = await startEngine(reporter, signal);
    const shown = lists['prompt'] ?? captionsOfClasses(dataset, 8);
    const classifier = await readBundledClassifier();
    const evaluation = new Evaluation({ teacher, dataset, classifier, shown, measured, seed });
    const columns: ComparisonColumn[] = [];
    reporter.phase('Compare', `${formatCount(evaluation.request.count, 'picture')} of each`);
    for (const [index, model] of models.entries()) {
      reporter.progress({ done: index, total: models.length, unit: 'models', activity: model.info.name });
      const sampler = createModelSampler(model, sampling);
      const generate = (request: SampleRequest) => sampler.generate({ ...request, signal });
      await generate({ ...evaluation.request, count: 1 }); // captures the graphs, so that they are not timed
      columns.push(await evaluation.measure({ ...describe(model.info, index, sampling), generate }));
      sampler.dispose();
    }
    classifier.dispose();
    const comparison = {
      title: `${teacher.info.name} and ${formatCount(models.length - 1, 'other')}`,
      createdAt: new Date().toISOString(),
      seedInfo: `seed ${seed}, the same noise in every column`,
      prompts: shown,
      columns,
      strips: [],
      recipes: Object.fromEntries(models.map(({ info }, i) => [columnId(i), info.made['recipe'] ?? null])),
      notes: [`The numbers are of ${measured} pictures for captions drawn from the data.`],
      environment: { backend: active.name, version: active.version, device: active.device },
    };
    reporter.table(comparisonTable(comparison));
    const { page, folder } = await writeReport(comparison, path.resolve(flags.out ?? 'comparison'));
    reporter.done(`The report is ${page}`, { page, folder });
    return 0;
  },
};

const columnId = (index: number) => `model-${index + 1}`;

function describe(
  { role, name, times, made }: ModelInfo,
  index: number,
  { steps, guidance }: TeacherSampling,
): Omit<Contestant, 'generate'> {
  const { iterations = 'unknown' } = made;
  const trained = `${JSON.stringify(iterations)} iterations`;
  const teaching = `teacher, ${steps} Euler steps, guidance ${guidance}`;
  return {
    id: columnId(index),
    label: name,
    description: times ? `student, ${formatCount(times.length, 'step')}, ${trained}` : teaching,
    kind: index === 0 ? 'reference' : role === 'teacher' ? 'baseline' : 'student',
    steps: times?.length ?? steps,
  };
}

function requireSameTask(teacher: ModelInfo, other: ModelInfo): void {
  if (haveSameTask(teacher, other)) return;
  throw new StudioError(
    'input-invalid',
    `“${other.name}” has another size, other classes or other captions than “${teacher.name}”, so they cannot be compared.`,
    'Compare a teacher with its own students; nothing was written.',
  );
}

/** The images that the teacher learnt. */
async function datasetOf(teacher: Model): Promise<Dataset> {
  const { data } = z.object({ data: z.string() }).catch({ data: 'demo' }).parse(teacher.info.made['recipe']);
  const { dataset } = await openDataFor(teacher, data);
  if (dataset) return dataset;
  throw new StudioError(
    'input-invalid',
    'A toy has no pictures, so it cannot be compared in a report.',
    'Use “stillroom sample” to see its points; nothing was written.',
  );
}
