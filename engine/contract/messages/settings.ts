/** Settings of the app, kept in the data folder. Those of a training are in recipes. */
import { z } from 'zod';
import { event, id, request, nothing } from './define.ts';

export const themes = ['system', 'light', 'dark', 'grey'] as const;
export type Theme = (typeof themes)[number];
export const languages = ['system', 'en', 'zh-CN', 'ja'] as const;
export type Language = (typeof languages)[number];

export const settingsSchema = z.strictObject({
  theme: z.enum(themes).default('system'),
  language: z.enum(languages).default('system'),
  /** `system` follows the computer's own setting. */
  motion: z.enum(['system', 'full', 'reduced']).default('system'),
  /** Which backend to use; `auto` measures and takes the fastest. Read when the engine starts. */
  backend: z.enum(['auto', 'tensorflow', 'webgpu', 'wasm']).default('auto'),
  /** Nothing may leave this computer: the engine is not downloaded, by the command line neither. */
  offline: z.boolean().default(false),
});
export type Settings = z.infer<typeof settingsSchema>;

const changes = z.strictObject({
  theme: z.enum(themes).optional(),
  language: z.enum(languages).optional(),
  motion: z.enum(['system', 'full', 'reduced']).optional(),
  backend: z.enum(['auto', 'tensorflow', 'webgpu', 'wasm']).optional(),
  offline: z.boolean().optional(),
});
export type SettingsChange = z.infer<typeof changes>;

export const settingsRequests = {
  get: request(nothing, settingsSchema),
  /** Fields left out stay as they are. */
  change: request(changes, settingsSchema),
  /**
   * Copies the data folder to a folder that was chosen, reads everything back and puts it in force from the next start
   * on; until then nothing can be changed. The old one stays. Reports progress in bytes, can be cancelled.
   * @throws 'busy' while a run trains or something else is under way, 'input-invalid', 'disk-full'.
   */
  moveData: request(z.strictObject({ source: id }), z.strictObject({ folder: z.string() })),
  /** Removes the data from where they were before the last move. */
  removeFormerData: request(nothing, z.strictObject({ bytes: z.number() })),
};

export const settingsEvents = {
  changed: event(settingsSchema),
};
