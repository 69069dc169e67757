/** Measures students, and the teacher itself, against the teacher's guided samples of the same seed. */
import type { StudentSampling } from '../../../engine/contract/studentSampling.ts';
import type { Scale, Sweep } from '../../../engine/contract/sweep.ts';
import type { Movement } from '../../../engine/metrics/movement.ts';
import { deviationOf } from '../../../engine/metrics/spread.ts';
import type { SampleRequest, Sampler, TeacherSampling } from '../../../engine/sampling/sampler.ts';
import { openDataFor, type DistillationJob } from '../../../engine/training/distillationJob.ts';
import { readModel } from '../../../engine/training/modelFile.ts';
import { samplerOf } from '../../../engine/training/modelSampler.ts';
import { previewsOf, type Previews } from '../previews.ts';
import { imageTask } from './imageTask.ts';
import { pointTask } from './pointTask.ts';
import { REFERENCE_STEPS, type TeacherCosts } from './runCosts.ts';
import { scaleOf } from './teacherScale.ts';

/** Numbers by name; `measures.ts` of the contract says what they mean. */
export type Values = Record<string, number>;

export type ViewPictures = Readonly<Partial<Record<'student' | 'teacher' | 'fake', Buffer>>>;

/** What is sampled for a seed, and how samples compare with its reference. */
export interface Task {
  request(seed: number): SampleRequest;
  readonly comparesUnguided: boolean;
  /** Takes the teacher's samples of a seed, with which all others of that seed are compared. */
  reference(seed: number, guided: Float32Array, unguided: Float32Array | undefined): Promise<void>;
  values(seed: number, samples: Float32Array): Promise<Values>;
  movement(seed: number, before: Float32Array, after: Float32Array): Movement;
  dispose(): void;
}

export interface MeasurerPlan extends Pick<Sweep, 'measuring'> {
  /** As the recipe names them, or folders. */
  readonly teacher: string;
  readonly data: string;
  /** Of the reference: what the students aim at. */
  readonly guidance: number;
}

export class Measurer {
  readonly plan: MeasurerPlan;
  readonly scale: Scale;
  private readonly signal: AbortSignal | undefined;
  private readonly task: Task;
  private readonly sampler: Sampler;
  private readonly previews: Previews;
  /** Seeds whose reference is there, and the reference's own values. */
  private readonly references = new Map<number, Values>();
  private readonly untrained = new Map<string, Float32Array>();

  private constructor(
    { plan, scale, signal }: Pick<Measurer, 'plan' | 'scale'> & { readonly signal: AbortSignal | undefined },
    task: Task,
    sampler: Sampler,
    previews: Previews,
  ) {
    this.plan = plan;
    this.scale = scale;
    this.signal = signal;
    this.task = task;
    this.sampler = sampler;
    this.previews = previews;
  }

  /**
   * Looks at all of the data, so that an estimate made after it leaves nothing of that to come.
   *
   * @param signal ends this and the sampling of the teacher, which throw 'cancelled' then.
   */
  static async open(plan: MeasurerPlan, signal?: AbortSignal): Promise<Measurer> {
    const teacher = await readModel(plan.teacher);
    const data = await openDataFor(teacher, plan.data);
    const { count } = plan.measuring;
    const scale = scaleOf(teacher.info);
    const task =
      scale === 'images'
        ? await imageTask(teacher, data, count, signal)
        : pointTask(teacher.info.classNames.length, count);
    return new Measurer({ plan, scale, signal }, task, samplerOf(teacher), previewsOf({ teacher, data }));
  }

  /** The seeds whose reference is there. */
  get referenced(): readonly number[] {
    return [...this.references.keys()];
  }

  /** The student as it is now, and at each τ of the plan what teacher and fake score make of its samples. */
  async student(job: DistillationJob, seed: number): Promise<Values> {
    const reference = await this.referenceOf(seed);
    const request = this.task.request(seed);
    const { values: samples } = await job.sample(request);
    const before = await this.before(seed, job.sampling);
    const { moved, coarse } = this.task.movement(seed, before, samples);
    const values = { ...(await this.compared(seed, samples, reference)), moved, coarse };
    for (const tau of this.plan.measuring.taus) {
      const { student, teacher, fake } = await job.views(request, tau);
      Object.assign(values, viewValues('teacher', tau, teacher, student));
      if (fake) Object.assign(values, viewValues('fake', tau, fake, student));
    }
    return values;
  }

  async baseline(sampling: TeacherSampling, seed: number): Promise<Values> {
    const reference = await this.referenceOf(seed);
    if (sampling.steps === REFERENCE_STEPS && sampling.guidance === this.plan.guidance) return reference;
    return this.compared(seed, await this.teacherSamples(seed, sampling), reference);
  }

  /** The teacher's samples as a run's frames show the student's. */
  async baselinePicture(sampling: TeacherSampling, seed: number): Promise<Buffer> {
    const { count, condition } = this.previews;
    const { values } = await this.sampler.teacher({ seed, count, condition }, sampling);
    return this.previews.picture(values);
  }

  /** Student, teacher and fake score at one τ, for the prompts and the noise of a run's frames. */
  async viewPictures(job: DistillationJob, seed: number, tau: number): Promise<ViewPictures> {
    const { previews } = this;
    const { count, condition } = previews;
    const { student, teacher, fake } = await job.views({ seed, count, condition }, tau);
    return {
      student: await previews.picture(student),
      teacher: await previews.picture(teacher),
      ...(fake && { fake: await previews.picture(fake) }),
    };
  }

  /** The teacher's guided samples of a seed, made once. */
  async referenceOf(seed: number): Promise<Values> {
    const kept = this.references.get(seed);
    if (kept) return kept;
    const at = (guidance: number) => this.teacherSamples(seed, { steps: REFERENCE_STEPS, guidance });
    const guided = await at(this.plan.guidance);
    await this.task.reference(seed, guided, this.task.comparesUnguided ? await at(1) : undefined);
    // The distance of the reference to itself says nothing.
    const values = Object.entries(await this.task.values(seed, guided));
    const told: Values = {
      ...Object.fromEntries(values.filter(([name]) => name !== 'toTeacher')),
      relativeStd: 1,
    };
    this.references.set(seed, told);
    return told;
  }

  /** What the teacher's samples of a seed take; its reference is made, and stays. */
  async timeTeacher(seed: number): Promise<TeacherCosts> {
    const timed = async (work: () => Promise<unknown>) => {
      const started = performance.now();
      await work();
      return (performance.now() - started) / 1000;
    };
    const sample = async (sampling: TeacherSampling) => {
      await this.baselinePicture(sampling, seed);
      await this.baseline(sampling, seed);
    };
    this.references.delete(seed);
    const referenceSeconds = await timed(() => this.referenceOf(seed));
    const [few, many] = [
      { steps: 1, guidance: 1 },
      { steps: 4, guidance: 2 },
    ];
    const seconds: number[] = [];
    for (const sampling of [few, many]) {
      // The first time records the graphs.
      await sample(sampling);
      seconds.push(await timed(() => sample(sampling)));
    }
    const [one = 0, eight = 0] = seconds;
    const evaluationSeconds = Math.max(0, (eight - one) / 7);
    return { referenceSeconds, evaluationSeconds, sampleSeconds: Math.max(0, one - evaluationSeconds) };
  }

  dispose(): void {
    this.sampler.dispose();
    this.task.dispose();
  }

  private async teacherSamples(seed: number, sampling: TeacherSampling): Promise<Float32Array> {
    const { signal } = this;
    const request = { ...this.task.request(seed), ...(signal && { signal }) };
    return (await this.sampler.teacher(request, sampling)).values;
  }

  private async compared(seed: number, samples: Float32Array, reference: Values): Promise<Values> {
    const values = await this.task.values(seed, samples);
    return { ...values, relativeStd: (values['std'] ?? NaN) / (reference['std'] ?? NaN) };
  }

  /** The student's samples before training: the teacher's weights, sampled as the student is. */
  private async before(seed: number, { times, solver }: StudentSampling): Promise<Float32Array> {
    const name = [seed, solver, ...times].join();
    const kept = this.untrained.get(name);
    if (kept) return kept;
    const { values } = await this.sampler.student(this.task.request(seed), times, solver);
    this.untrained.set(name, values);
    return values;
  }
}

/** Spread of a prediction, and how far it is from the samples that it was made of. */
function viewValues(
  role: 'teacher' | 'fake',
  tau: number,
  view: Float32Array,
  samples: Float32Array,
): Values {
  const gap = view.map((value, i) => value - (samples[i] ?? NaN));
  const rms = Math.sqrt(gap.reduce((sum, value) => sum + value * value, 0) / gap.length);
  return { [`${role}Std@${tau}`]: deviationOf(view), [`${role}Gap@${tau}`]: rms };
}
