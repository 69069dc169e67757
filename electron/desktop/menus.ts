/** The menu bar: roles where the system knows them, the window's own commands by their ids where it does not. */
import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import { showWindow, tellWindow, type Desktop } from './desktop.ts';
import { chooseSources } from './dialogs.ts';
import { openOutside, outsidePages } from './guards.ts';

export function setMenu(desktop: Desktop): void {
  const { words } = desktop;
  /** The window hears the keys itself; on a Mac the menu takes them first. */
  const command = (label: string, id: string, accelerator: string): MenuItemConstructorOptions => ({
    ...{ label, id, accelerator },
    registerAccelerator: false,
    click() {
      showWindow(desktop);
      tellWindow(desktop, 'command', id);
    },
  });
  const isMac = process.platform === 'darwin';
  const settings = command(words.settings, 'go-settings', 'CmdOrCtrl+,');
  const template: MenuItemConstructorOptions[] = [
    ...(isMac
      ? [
          {
            label: app.name,
            submenu: [
              { role: 'about' },
              { type: 'separator' },
              settings,
              { type: 'separator' },
              { role: 'hide' },
              { role: 'hideOthers' },
              { role: 'unhide' },
              { type: 'separator' },
              { role: 'quit' },
            ],
          } satisfies MenuItemConstructorOptions,
        ]
      : []),
    {
      label: words.file,
      submenu: [
        command(words.newProject, 'new-project', 'CmdOrCtrl+N'),
        {
          label: words.open,
          accelerator: 'CmdOrCtrl+O',
          click: () =>
            void chooseSources(desktop, 'archive').then(([source]) => {
              if (source) tellWindow(desktop, 'opened', source);
            }),
        },
        { role: 'recentDocuments', submenu: [{ role: 'clearRecentDocuments' }] },
        { type: 'separator' },
        ...(isMac ? [] : [settings]),
        { role: isMac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      role: 'viewMenu',
      submenu: [
        command(words.search, 'palette', 'CmdOrCtrl+K'),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' } satisfies MenuItemConstructorOptions]),
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        command(words.shortcuts, 'shortcuts', 'F1'),
        ...[...outsidePages].map((page) => ({ label: words.paper, click: () => openOutside(page) })),
      ],
    },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
