/** Settings of the app, kept in the data folder's database. */
import {
  settingsSchema,
  type Settings,
  type settingsRequests,
} from '../../engine/contract/messages/settings.ts';
import { StudioError } from '../../engine/contract/errors.ts';
import type { DomainHandlers } from '../bridge/api.ts';
import { moveData, removeFormerData } from '../features/moveData.ts';
import { isFixed, proposedFolder } from '../store/dataFolder.ts';
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
    async moveData({ source }, { signal, progress }) {
      requireMovable(context);
      const chosen = context.sources.locate(source);
      const options = { proposed: proposedFolder(), signal, progress };
      const folder = await context.stillness.during(() => moveData(context.store, chosen, options));
      return { folder };
    },
    removeFormerData: async () => ({ bytes: await removeFormerData(proposedFolder()) }),
  };
}

/** @throws StudioError 'busy' while a run trains or waits, 'input-invalid' where the start named the folder. */
function requireMovable({ host, queue }: Pick<HostContext, 'host' | 'queue'>): void {
  if (host !== 'desktop' || isFixed())
    throw new StudioError(
      'input-invalid',
      'The data folder was named when Stillroom was started.',
      'Start it with another.',
    );
  if (queue.active !== undefined)
    throw new StudioError('busy', 'A run is training.', 'Pause it first; nothing was changed.');
}
