/** Chooses the backend that trains fastest here, by measuring a real training step on each that runs. */
import { StudioError } from '../../contract/errors.ts';
import { activateBackend, backendNames, type ActiveBackend, type BackendName } from './backend.ts';
import { probeBackend } from './probe.ts';
import {
  forgetReport,
  keepReport,
  readKeptReport,
  type CandidateReport,
  type SelectionReport,
} from './selectionReport.ts';

export interface SelectOptions {
  /** Uses this backend or fails; without it `STILLROOM_BACKEND` is asked, and then the measurement. */
  readonly prefer?: BackendName;
}

export interface Selection {
  readonly active: ActiveBackend;
  readonly report: SelectionReport;
}

/**
 * Activates one backend and says why it and not the others. The measurement is kept beside the engine, so that only
 * the first start on a computer pays for it. Throws `engine-unavailable` when a backend that was asked for cannot
 * run (another is never taken in silence), and `input-invalid` when `STILLROOM_BACKEND` names none.
 */
export async function selectBackend({ prefer }: SelectOptions = {}): Promise<Selection> {
  const asked = prefer ?? backendFromEnvironment();
  if (asked)
    return activateAsked(asked, prefer ? 'asked for in the settings' : 'asked for by STILLROOM_BACKEND');
  const kept = readKeptReport();
  if (kept) {
    try {
      return { active: await activateBackend(kept.chosen), report: kept };
    } catch {
      // What won then cannot run any more, e.g. a driver is gone: measure anew.
      forgetReport();
    }
  }
  const report = await measureBackends();
  keepReport(report);
  return { active: await activateBackend(report.chosen), report };
}

/**
 * Probes every backend that may be the fastest; takes some seconds. Releases all of them with all their tensors, so it is only for
 * the start of a process. Throws `engine-unavailable` when none runs.
 */
export async function measureBackends(): Promise<SelectionReport> {
  const tried: CandidateReport[] = [];
  for (const name of backendNames) {
    const isBeaten = name === 'wasm' && tried.some(({ name, measured }) => name === 'tensorflow' && measured);
    tried.push(isBeaten ? beatenWasm : await measure(name));
  }
  const ranked = tried
    .filter((candidate) => candidate.measured !== undefined)
    .sort((a, b) => stepMilliseconds(a) - stepMilliseconds(b));
  const winner = ranked[0];
  if (!winner) {
    const reasons = tried.map(({ name, reason }) => `${name}: ${reason}`).join(' ');
    throw new StudioError(
      'engine-unavailable',
      `No backend can compute here. ${reasons}`,
      'Run `npm ci` again.',
    );
  }
  const candidates = tried.map((candidate): CandidateReport => {
    if (!candidate.measured) return candidate;
    const step = `a training step takes ${stepMilliseconds(candidate).toFixed(0)} ms`;
    if (candidate === winner)
      return { ...candidate, outcome: 'chosen', reason: `The fastest here: ${step}.` };
    const factor = (stepMilliseconds(candidate) / stepMilliseconds(winner)).toFixed(1);
    return { ...candidate, reason: `${factor} times slower than ${winner.name}: ${step}.` };
  });
  return { chosen: winner.name, measuredAt: new Date().toISOString(), candidates };
}

/** It computes on the same processor: only a disturbed measurement could find it faster, and would be kept. */
const beatenWasm: CandidateReport = {
  name: 'wasm',
  outcome: 'not tried',
  reason: 'The native engine computes on the same processor, several times as fast.',
};

/** One candidate's report, still as a loser: `slower` when it was measured. */
async function measure(name: BackendName): Promise<CandidateReport> {
  const started = performance.now();
  let backend: ActiveBackend;
  try {
    backend = await activateBackend(name);
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    return { name, outcome: 'unavailable', reason: `${error.message} ${error.hint}`.trim() };
  }
  const facts = describe(backend, performance.now() - started);
  try {
    if (backend.isEmulated) {
      const reason = `Only an adapter imitated by the processor was found (${backend.device}).`;
      return { ...facts, outcome: 'unavailable', reason };
    }
    return { ...facts, outcome: 'slower', reason: '', measured: await probeBackend() };
  } finally {
    backend.release();
  }
}

async function activateAsked(asked: BackendName, why: string): Promise<Selection> {
  const started = performance.now();
  const active = await activateBackend(asked);
  const facts = describe(active, performance.now() - started);
  const candidates = backendNames.map((name): CandidateReport => {
    if (name === asked) return { ...facts, outcome: 'chosen', reason: `It was ${why}.` };
    return { name, outcome: 'not tried', reason: `${asked} was ${why}.` };
  });
  return { active, report: { chosen: asked, measuredAt: new Date().toISOString(), candidates } };
}

function describe(
  { name, device, version, threads }: ActiveBackend,
  activationMilliseconds: number,
): Pick<CandidateReport, 'name' | 'device' | 'version' | 'threads' | 'activationMilliseconds'> {
  return { name, device, version, activationMilliseconds, ...(threads === undefined ? {} : { threads }) };
}

function stepMilliseconds({ measured }: CandidateReport): number {
  return measured?.trainingStepMilliseconds ?? Infinity;
}

function backendFromEnvironment(): BackendName | undefined {
  const wanted = process.env['STILLROOM_BACKEND'];
  if (!wanted) return undefined;
  const name = backendNames.find((candidate) => candidate === wanted);
  if (name) return name;
  throw new StudioError(
    'input-invalid',
    `STILLROOM_BACKEND names "${wanted}", which is no backend.`,
    `It can be one of: ${backendNames.join(', ')}.`,
  );
}
