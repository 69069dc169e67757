/** What the engine's process answers: it holds the backend, the one training and the sampled model. */
import { StudioError } from '../../engine/contract/errors.ts';
import { ToyLab } from '../../engine/training/toyLab.ts';
import type { ActiveBackend } from '../../engine/tensor/backends/backend.ts';
import { selectBackend, type Selection } from '../../engine/tensor/backends/selectBackend.ts';
import type { Emit, Handlers } from '../bridge/api.ts';
import { BetweenIterations } from './betweenIterations.ts';
import { examineModel } from './examining.ts';
import { exportModel, GalleryWork } from './gallery.ts';
import { playStudent } from './instrument.ts';
import { measureTraining } from './measuring.ts';
import type { EngineContract, Training, WrittenViews } from './messages.ts';
import { paceReporter } from './reporter.ts';
import { ModelSamplings, nothingTrains } from './sampling.ts';
import { SweepWork } from './sweeps.ts';
import { trainAndTell } from './training.ts';

interface ActiveTraining {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Where views are looked at until a person chooses: composition is settled, detail is not. */
const VIEW_TAU = 0.5;

export class Engine {
  private readonly emit: Emit<EngineContract['events']>;
  private readonly device = new BetweenIterations();
  private readonly samplings = new ModelSamplings();
  private readonly gallery = new GalleryWork();
  private readonly sweeps = new SweepWork();
  private lab: ToyLab | undefined;
  private backend: ActiveBackend | undefined;
  private active: ActiveTraining | undefined;
  private pinned: readonly string[] = [];
  /** Pictures of the training were asked for. */
  private wantsFrame = false;
  /** Looks at the distillation that trains, between two iterations. */
  private look: ((tau: number) => Promise<WrittenViews>) | undefined;
  private viewTau = VIEW_TAU;

  constructor(emit: Emit<EngineContract['events']>) {
    this.emit = emit;
  }

  readonly handlers: Handlers<EngineContract['requests']> = {
    engine: {
      start: async ({ prefer }) => {
        const selection = await selectBackend(prefer === 'auto' ? {} : { prefer });
        this.backend = selection.active;
        return describeSelection(selection);
      },
      train: (training) => {
        if (this.active) throw new StudioError('busy', 'Another run is training.', 'It is queued.');
        const stop = new AbortController();
        const ended = this.train(training, stop.signal);
        this.active = { stop, ended };
        return {};
      },
      pause: async () => {
        this.active?.stop.abort();
        await this.active?.ended;
        return {};
      },
      pin: ({ pinned }) => {
        this.pinned = pinned;
        return {};
      },
      sampleTraining: () => {
        if (!this.active) throw nothingTrains();
        this.wantsFrame = true;
        return {};
      },
      advanceLab: ({ settings, iterations, restart }) =>
        this.device.run(async () => {
          this.lab ??= await ToyLab.open();
          return this.lab.advance(settings, iterations, restart);
        }),
      labData: () => ToyLab.dataPoints(),
      lookAtTraining: ({ tau }) =>
        this.device.run(async () => {
          if (!this.look) throw nothingTrains();
          this.viewTau = tau;
          return this.look(tau);
        }),
      measureIterations: (training, context) => {
        if (this.active)
          throw new StudioError('busy', 'A run is training now.', 'Measure when it is done or paused.');
        return this.device.run(() => measureTraining(training, context));
      },
      examine: ({ folder }, context) =>
        this.device.run(async () => ({ guidance: await examineModel(folder, context) })),
      sample: (sampling, context) => this.device.run(() => this.samplings.sample(sampling, context)),
      render: (rendering, context) => this.device.run(() => this.gallery.render(rendering, context)),
      play: (playing, { signal }) =>
        this.device.run(async () => {
          // A wish that was taken back while it waited costs nothing.
          if (signal.aborted) throw new StudioError('cancelled', 'A newer picture was asked for.');
          return playStudent(await this.gallery.load(playing.source), playing);
        }),
      measureColumns: (measuring, context) => this.device.run(() => this.gallery.measure(measuring, context)),
      measureBaseline: (measuring) => this.device.run(() => this.sweeps.baseline(measuring)),
      rehearseSweep: (rehearsal, context) => {
        const { backend } = this;
        if (this.active || !backend)
          throw new StudioError('busy', 'A run is training now.', 'Measure when it is done or paused.');
        return this.device.run(() => this.sweeps.rehearse(rehearsal, backend, context));
      },
      exportModel: (wanted) => this.device.run(() => exportModel(wanted)),
    },
  };

  private async train(training: Training, signal: AbortSignal): Promise<void> {
    const { backend } = this;
    if (!backend) throw new StudioError('internal', 'The engine was not started.');
    const { runId } = training;
    this.pinned = training.pinned;
    await this.device.idle();
    this.device.trainingBegins();
    try {
      await trainAndTell(training, {
        backend,
        signal,
        wantsFrame: () => this.takeFrameWish(),
        pinned: () => this.pinned,
        viewTau: () => this.viewTau,
        offerLook: (look) => (this.look = look),
        reporter: paceReporter((progress) => this.emit('engine.progress', { runId, ...progress })),
        between: () => this.device.letThrough(),
        measurer: (plan) => this.sweeps.measurer(plan),
        tell: (entry) => this.emit('engine.journal', { runId, entries: [entry] }),
      });
    } finally {
      this.active = undefined;
      this.look = undefined;
      await this.device.trainingEnds();
    }
  }

  private takeFrameWish(): boolean {
    const wanted = this.wantsFrame;
    this.wantsFrame = false;
    return wanted;
  }
}

function describeSelection({ active, report }: Selection) {
  const { name, device, version } = active;
  const candidates = report.candidates.map(
    ({ measured, name, outcome, reason, device, version, threads }) => ({
      ...{ name, outcome, reason },
      ...(device !== undefined && { device }),
      ...(version !== undefined && { version }),
      ...(threads !== undefined && { threads }),
      ...(measured && { trainingStepMilliseconds: measured.trainingStepMilliseconds }),
    }),
  );
  const reason = candidates.find((candidate) => candidate.name === name)?.reason ?? '';
  return { backend: { name, device, version, reason }, candidates };
}
