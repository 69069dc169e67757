/** What can be done from anywhere: go to a view, open palette and shortcuts, change the theme. */
import { themes } from '../../../engine/contract/messages/settings.ts';
import { language } from '../../messages/language.svelte.ts';
import type { Command } from '../../state/commands.svelte.ts';
import type { Studio } from '../../state/studio.svelte.ts';
import { viewIds } from '../../views/viewIds.ts';

export function shellCommands(
  { router, preferences, projectFiles, toasts }: Studio,
  { openPalette, openShortcuts }: { openPalette: () => void; openShortcuts: () => void },
): Command[] {
  return [
    ...viewIds.map((id, index): Command => {
      const keys = id === 'settings' ? 'Mod+,' : `Mod+${index + 1}`;
      return {
        id: `go-${id}`,
        label: () => language.words.shell.views[id],
        group: 'go',
        keys,
        run: () => router.go(id),
      };
    }),
    {
      id: 'palette',
      label: () => language.words.shell.palette.open,
      group: 'actions',
      keys: 'Mod+K',
      run: openPalette,
    },
    {
      id: 'shortcuts',
      label: () => language.words.shell.shortcuts.open,
      group: 'actions',
      keys: 'F1',
      run: openShortcuts,
    },
    {
      id: 'new-project',
      label: () => language.words.shell.commands.newProject,
      group: 'actions',
      keys: 'Mod+N',
      run: () => router.go('projects', 'new'),
    },
    {
      id: 'open-file',
      label: () => language.words.projects.openFile,
      group: 'actions',
      keys: 'Mod+O',
      run: () => void projectFiles.choose(),
    },
    ...themes.map((theme): Command => ({
      id: `theme-${theme}`,
      label: () => language.words.shell.commands.theme(language.words.settings.themes[theme]),
      group: 'appearance',
      run: () => void preferences.change({ theme }).catch((error: unknown) => toasts.error(error)),
    })),
  ];
}
