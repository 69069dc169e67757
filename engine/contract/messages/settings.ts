/** Settings of the app, kept in the data folder. Those of a training are in recipes. */
import { z } from 'zod';
import { event, request, nothing } from './define.ts';

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
});
export type Settings = z.infer<typeof settingsSchema>;

const changes = z.strictObject({
  theme: z.enum(themes).optional(),
  language: z.enum(languages).optional(),
  motion: z.enum(['system', 'full', 'reduced']).optional(),
  backend: z.enum(['auto', 'tensorflow', 'webgpu', 'wasm']).optional(),
});
export type SettingsChange = z.infer<typeof changes>;

export const settingsRequests = {
  get: request(nothing, settingsSchema),
  /** Fields left out stay as they are. */
  change: request(changes, settingsSchema),
};

export const settingsEvents = {
  changed: event(settingsSchema),
};
