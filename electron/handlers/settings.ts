/** Settings of the app, kept in the data folder's database. */
import {
  settingsSchema,
  type Settings,
  type settingsRequests,
} from '../../engine/contract/messages/settings.ts';
import type { DomainHandlers } from '../bridge/api.ts';
import type { Store } from '../store/database.ts';
import { keepPreference, readPreference } from '../store/preferences.ts';
import type { HostContext } from './context.ts';

const preference = 'settings';

export async function readSettings(store: Store): Promise<Settings> {
  return (await readPreference(store, preference, settingsSchema)) ?? settingsSchema.parse({});
}

export function settingsHandlers(context: HostContext): DomainHandlers<typeof settingsRequests> {
  return {
    get: () => context.settings,
    async change(change) {
      const settings = settingsSchema.parse({ ...context.settings, ...change });
      await keepPreference(context.store, preference, settings);
      context.settings = settings;
      context.emit('settings.changed', settings);
      return settings;
    },
  };
}
