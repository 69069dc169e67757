/** The app itself: what computes and why, what the computer has left. */
import { z } from 'zod';
import { event, failureSchema, id, nothing, request } from './define.ts';

const bytes = z.number().nonnegative();

export const backendCandidateSchema = z.strictObject({
  name: z.string(),
  outcome: z.enum(['chosen', 'slower', 'unavailable', 'not tried']),
  /** For people: why it won, lost or cannot run. */
  reason: z.string(),
  device: z.string().optional(),
  version: z.string().optional(),
  threads: z.int().optional(),
  trainingStepMilliseconds: z.number().optional(),
});
export type BackendCandidate = z.infer<typeof backendCandidateSchema>;

export const engineStateSchema = z.strictObject({
  /** `restarting` after a crash; `failed` when it crashed too often or no backend runs. */
  status: z.enum(['starting', 'ready', 'restarting', 'failed']),
  backend: z
    .strictObject({ name: z.string(), device: z.string(), version: z.string(), reason: z.string() })
    .nullable(),
  candidates: z.array(backendCandidateSchema),
  error: failureSchema.nullable(),
  restarts: z.int().nonnegative(),
});
export type EngineState = z.infer<typeof engineStateSchema>;

export const resourcesSchema = z.strictObject({
  memory: z.strictObject({ total: bytes, free: bytes, engine: bytes }),
  /** Of the disk that holds the data folder. */
  disk: z.strictObject({ total: bytes, free: bytes }),
  /** Requests that left this computer since start. */
  networkRequests: z.int().nonnegative(),
});
export type Resources = z.infer<typeof resourcesSchema>;

export const appStateSchema = z.strictObject({
  version: z.string(),
  /** Whether the window is the desktop app's or a browser's on a lab computer. */
  host: z.enum(['desktop', 'lab']),
  dataFolder: z.string(),
  /** Whether it can be moved here; otherwise the start named it. */
  canMoveData: z.boolean(),
  /** Where the data were before they were moved, as long as they are there too. */
  formerDataFolder: z.string().nullable(),
  engine: engineStateSchema,
  resources: resourcesSchema,
  /** What start-up had to repair; sentences to be shown once. */
  notices: z.array(z.string()),
});
export type AppState = z.infer<typeof appStateSchema>;

export const appRequests = {
  state: request(nothing, appStateSchema),
  /** Starts an engine that failed anew. */
  restartEngine: request(nothing, nothing),
  /**
   * Downloads and builds the native engine, or installs it from an archive that was chosen; then the engine is
   * started anew. Reports progress, can be cancelled.
   * @throws 'busy' while a run trains, 'engine-unavailable' where it cannot be built, 'file-invalid', 'disk-full'.
   */
  installEngine: request(z.strictObject({ source: id.nullable() }), nothing),
  /** Versions, device, settings and what went wrong lately, as one text: no pictures, captions or names. */
  report: request(nothing, z.strictObject({ text: z.string() })),
};

export const appEvents = {
  engine: event(engineStateSchema),
  resources: event(resourcesSchema),
};
