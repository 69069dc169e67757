/** `stillroom demo`: from the bundled teacher to two compared students, without a network. */
import path from 'node:path';
import { presets } from '../../engine/contract/presets.ts';
import { parseRecipe, type Recipe } from '../../engine/contract/recipe.ts';
import { StudioError } from '../../engine/contract/errors.ts';
import { studentTimesteps } from '../../engine/sampling/fewStep.ts';
import type { ActiveBackend } from '../../engine/tensor/backends/backend.ts';
import { readBundledClassifier } from '../../engine/training/bundledClassifier.ts';
import { openDataFor } from '../../engine/training/distillationJob.ts';
import { readModel, type Model } from '../../engine/training/modelFile.ts';
import { samplerOf } from '../../engine/training/modelSampler.ts';
import type { ComparisonColumn, Strip } from '../features/comparison/comparison.ts';
import { comparisonTable } from '../features/comparison/comparisonTable.ts';
import { writeReport } from '../features/comparison/writeReport.ts';
import { distilRun, stripOf } from '../features/distillation.ts';
import { Evaluation, type Contestant } from '../features/evaluation.ts';
import { openStudio, projectNamed } from '../features/openStudio.ts';
import { storeJournal } from '../features/runJournal.ts';
import { dataFolder } from '../store/dataFolder.ts';
import type { Store } from '../store/database.ts';
import { createRun, listRuns, type Run } from '../store/runs.ts';
import { formatCount } from '../terminal/quantities.ts';
import type { Reporter } from '../terminal/reporter.ts';
import { parseWords, PAUSED, type Command, type CommandContext } from './command.ts';
import { previewCaptions, shownCaptions } from './demoPrompts.ts';
import { startEngine } from './engineStart.ts';

const SEED = 1;
const TEACHER_STEPS = 50;

interface Size {
  /** Pictures that the metrics are measured on, besides those shown. */
  readonly measured: number;
  readonly iterations: Readonly<Record<'oneStep' | 'fourSteps', number>>;
  /** A kill loses at most so many iterations. */
  readonly checkpointEvery: number;
}
const full: Size = { measured: 180, iterations: { oneStep: 150, fourSteps: 75 }, checkpointEvery: 25 };
const quick: Size = { measured: 52, iterations: { oneStep: 30, fourSteps: 10 }, checkpointEvery: 10 };

export const demoCommand: Command = {
  summary: 'Distil the bundled teacher into a 1-step and a 4-step student and compare them.',
  usage: `stillroom demo [--quick] [--fresh] [--out FOLDER]

  --quick         a taste in under 2 minutes; the students are far from finished
  --fresh         distil anew instead of resuming or reusing an earlier demo's students
  --out FOLDER    where the comparison goes (default: demo-output)`,
  async run(context) {
    const { switches, flags } = parseWords(context.words, {
      quick: 'boolean',
      fresh: 'boolean',
      out: 'string',
    });
    const size = switches.has('quick') ? quick : full;
    const store = await openStudio(dataFolder(), context.reporter);
    try {
      const backend = await startEngine(context.reporter, context.signal, { provision: true });
      return await new Demo(store, backend, size, switches.has('fresh'), context).run(
        path.resolve(flags.out ?? 'demo-output'),
      );
    } finally {
      await store.close();
    }
  },
};

class Demo {
  private readonly store: Store;
  private readonly backend: ActiveBackend;
  private readonly size: Size;
  private readonly fresh: boolean;
  private readonly reporter: Reporter;
  private readonly signal: AbortSignal;

  constructor(
    store: Store,
    backend: ActiveBackend,
    size: Size,
    fresh: boolean,
    { reporter, signal }: CommandContext,
  ) {
    this.store = store;
    this.backend = backend;
    this.size = size;
    this.fresh = fresh;
    this.reporter = reporter;
    this.signal = signal;
  }

  async run(folder: string): Promise<number> {
    const { reporter } = this;
    const recipes = (['oneStep', 'fourSteps'] as const).map((name) =>
      parseRecipe({
        ...presets[name].recipe,
        training: { iterations: this.size.iterations[name], checkpointEvery: this.size.checkpointEvery },
      }),
    );
    const teacher = await readModel(recipes[0]?.teacher ?? 'emoji');
    const { dataset, statistics } = await openDataFor(teacher, 'demo');
    if (!dataset) throw new StudioError('internal', 'The demo set has no images.');
    const classifier = await readBundledClassifier();
    const evaluation = new Evaluation({
      teacher,
      dataset,
      classifier,
      shown: shownCaptions,
      measured: this.size.measured,
      seed: SEED,
    });

    const columns = await this.measureTeacher(teacher, evaluation, recipes);
    const strips: Strip[] = [];
    for (const recipe of recipes) {
      reporter.phase(
        `Distil a ${recipe.student.steps}-step student`,
        `CA + DM, ${recipe.renoising.schedule}, ${recipe.training.iterations} iterations`,
      );
      const run = await this.runFor(recipe);
      const options = {
        backend: this.backend,
        previews: previewCaptions,
        seed: SEED,
        reporter,
        signal: this.signal,
      };
      const { job, completed, iteration } = await distilRun(storeJournal(this.store, run), recipe, options);
      if (!completed) {
        job.dispose();
        reporter.done(
          `Paused at iteration ${iteration}; nothing is lost. The same command goes on from here.`,
          { run: run.id },
        );
        return PAUSED;
      }
      columns.push(await this.measureStudent(job.studentWeights(), teacher, evaluation, recipe));
      strips.push(
        await stripOf(
          this.store,
          run,
          dataset.size,
          `CA + DM, ${formatCount(recipe.student.steps, 'step')}, the averaged weights.`,
        ),
      );
      job.dispose();
    }
    classifier.dispose();

    const comparison = {
      title: 'Two students of the emoji teacher',
      createdAt: new Date().toISOString(),
      seedInfo: `seed ${SEED}, picture i from noise i, the same in every column`,
      prompts: shownCaptions,
      columns,
      strips,
      recipes: Object.fromEntries(recipes.map((recipe) => [recipe.name, recipe])),
      notes: [
        `Metrics are of ${this.size.measured} further pictures prompted by captions of the demo set, seen by the bundled classifier; at this count a Fréchet distance is a coarse measure.`,
        'Untrained means the teacher’s weights sampled as a student would be, without guidance.',
        'Seconds per image are for batches of 32 on this computer, graphs already captured.',
      ],
      environment: { backend: this.backend.name, version: this.backend.version, device: this.backend.device },
      dataStd: Math.sqrt(statistics.variance),
    };
    const files = await writeReport(comparison, folder);
    reporter.table(comparisonTable(comparison));
    reporter.done(`Open ${files.page}`, { ...files });
    return 0;
  }

  /** The newest demo run of this very recipe, finished or not, or a new one. */
  private async runFor(recipe: Recipe): Promise<Run> {
    const project = await projectNamed(this.store, 'Demo');
    const same = JSON.stringify(recipe);
    const earlier = (await listRuns(this.store, project.id)).find(
      (run) => JSON.stringify(run.recipe) === same,
    );
    if (!earlier || this.fresh)
      return createRun(this.store, { projectId: project.id, name: recipe.name, recipe });
    if (earlier.status === 'done')
      this.reporter.note('This student was distilled before and is used again; --fresh distils it anew.');
    return earlier;
  }

  private async measureTeacher(
    teacher: Model,
    evaluation: Evaluation,
    recipes: readonly Recipe[],
  ): Promise<ComparisonColumn[]> {
    const sampler = samplerOf(teacher);
    const guidance = recipes[0]?.guidance.scale ?? 1;
    const guided = (steps: number, kind: Contestant['kind']): Contestant => ({
      id: `teacher-${steps}`,
      label: `Teacher, ${formatCount(steps, 'step')}`,
      description: `The teacher by Euler's method, guidance ${guidance}.`,
      kind,
      steps,
      generate: (request) => sampler.teacher(request, { steps, guidance }),
    });
    const untrained = ({ student }: Recipe): Contestant => ({
      id: `untrained-${student.steps}`,
      label: `Untrained, ${formatCount(student.steps, 'step')}`,
      description: 'Where the student starts from: the teacher’s weights.',
      kind: 'baseline',
      steps: student.steps,
      generate: (request) => sampler.student(request, studentTimesteps(student.steps, student.shift)),
    });
    const contestants = [
      guided(TEACHER_STEPS, 'reference'),
      guided(4, 'baseline'),
      guided(1, 'baseline'),
      ...recipes.map(untrained),
    ];
    this.reporter.phase(
      'Sample the teacher',
      `${evaluation.request.count} pictures, ${TEACHER_STEPS} guided steps`,
    );
    const one = { ...evaluation.request, count: 1 };
    await sampler.teacher(one, { steps: 1, guidance });
    await sampler.student(one, [0]);
    const columns: ComparisonColumn[] = [];
    for (const contestant of contestants) columns.push(await this.measure(evaluation, contestant));
    sampler.dispose();
    return columns;
  }

  private async measureStudent(
    weights: Model['weights'],
    { denoiser }: Model,
    evaluation: Evaluation,
    { name, student }: Recipe,
  ): Promise<ComparisonColumn> {
    const sampler = samplerOf({ denoiser, weights });
    const times = studentTimesteps(student.steps, student.shift);
    await sampler.student({ ...evaluation.request, count: 1 }, [0]);
    const column = await this.measure(evaluation, {
      id: `student-${student.steps}`,
      label: `Student, ${formatCount(student.steps, 'step')}`,
      description: `${name}: distilled by CA and DM.`,
      kind: 'student',
      steps: student.steps,
      generate: (request) => sampler.student(request, times),
    });
    sampler.dispose();
    return column;
  }

  private measure(evaluation: Evaluation, contestant: Contestant): Promise<ComparisonColumn> {
    const { signal, reporter } = this;
    const total = evaluation.request.count;
    return evaluation.measure({
      ...contestant,
      generate: (request) =>
        contestant.generate({
          ...request,
          signal,
          onProgress: (done) =>
            contestant.kind === 'reference' && reporter.progress({ done, total, unit: 'pictures' }),
        }),
    });
  }
}
