/** The real main and preload under a double of `electron`, with the real host, engine, renderer and a real Chromium. */
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { constants, getPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';
import type { Page } from 'playwright-core';
import { textCaps } from '../../../electron/bridge/frames.ts';
import { findPage } from '../../../electron/desktop/scheme.ts';
import { browserTest } from '../../support/chromium.ts';
import { electron, load, record, studioWindow } from '../../support/electron/double.ts';
import { builtDesktop } from '../../support/electron/built.ts';

vi.mock('electron', async () => (await import('../../support/electron/double.ts')).electron);

const paper = 'https://arxiv.org/abs/2511.22677';
const channels = [
  ...[
    'bridge:connect',
    'bridge:text',
    'source:drop',
    'source:choose',
    'source:target',
    'drag:out',
    'export:show',
  ],
  'ready',
];
let folder = '';
let page: Page;

/** What a window's page asks over the bridge, told to main as if by this frame; text is filled up to `length`. */
let lastCall = 1_000_000;
function send(name: string, input: unknown, length = 0): number {
  const { webContents } = studioWindow();
  const text = JSON.stringify({ kind: 'request', id: ++lastCall, name, input });
  const trusted = { sender: webContents, senderFrame: webContents.mainFrame };
  electron.ipcMain.emit('bridge:text', trusted, text.padEnd(length));
  return lastCall;
}

const answerTo = (id: number) =>
  studioWindow()
    .webContents.sent.filter(({ channel }) => channel === 'bridge:text')
    .map(({ value }) => JSON.parse(String(value)) as Record<string, unknown>)
    .find((frame) => frame['id'] === id && frame['kind'] !== 'progress');

async function ask(name: string, input: unknown = {}, length = 0): Promise<unknown> {
  const id = send(name, input, length);
  await expect.poll(() => answerTo(id), { timeout: 60_000 }).toBeDefined();
  return answerTo(id)?.['output'];
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stillroom-desktop-'));
  vi.stubEnv('STILLROOM_DATA', folder);
  await builtDesktop();
  await import('../../../electron/main.ts');
  page = await vi.waitFor(
    async () => {
      const opened = studioWindow().webContents.page;
      if (!opened || (await opened.locator('h1').count()) !== 1)
        throw new Error('The window shows nothing yet.');
      return opened;
    },
    { timeout: 120_000, interval: 100 },
  );
}, 180_000);

afterAll(async () => {
  if (!record.hasQuit) {
    record.answers.button = 1;
    electron.app.quit();
    await vi.waitUntil(() => record.hasQuit, { timeout: 60_000 });
  }
  await studioWindow().webContents.close();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
}, 90_000);

describe('a window', () => {
  browserTest('is sandboxed, isolated and has no Node', async () => {
    expect(studioWindow().options.webPreferences).toMatchObject({
      ...{ sandbox: true, contextIsolation: true, webSecurity: true },
      ...{ nodeIntegration: false, nodeIntegrationInWorker: false, nodeIntegrationInSubFrames: false },
      ...{ webviewTag: false, experimentalFeatures: false, allowRunningInsecureContent: false },
      devTools: false,
    });
    const leaks = `['process', 'require', 'ipcRenderer', 'module'].filter((name) => name in globalThis)`;
    expect(await page.evaluate(leaks)).toEqual([]);
    const offered = await page.evaluate<string[]>(
      `Object.entries(stillroom).map(([name, value]) => name + ' ' + typeof value)`,
    );
    expect(offered.sort()).toEqual(
      [
        'choose',
        'chooseTarget',
        'connect',
        'dragOut',
        'onCommand',
        'onOpened',
        'restart',
        'send',
        'showExport',
        'sourceOf',
      ].map((name) => `${name} function`),
    );
  });

  browserTest('loads only from the app’s own secure scheme, fenced in by its policy', async () => {
    expect(record.schemes).toEqual([
      expect.objectContaining({
        scheme: 'stillroom',
        privileges: expect.objectContaining({ secure: true }) as object,
      }),
    ]);
    expect(record.schemes).not.toEqual([
      expect.objectContaining({ privileges: expect.objectContaining({ bypassCSP: true }) as object }),
    ]);
    const policy = (await load('stillroom://app/')).headers.get('Content-Security-Policy') ?? '';
    expect(policy).toMatch(/^default-src 'none';/);
    expect(policy).toContain("connect-src 'self';");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(studioWindow().webContents.complaints).toEqual([]);
  });

  browserTest('goes nowhere else, opens nothing and reaches no network', async () => {
    const { refused } = studioWindow().webContents;
    const before = page.url();
    for (const target of ['https://evil.example/', 'https://stillroom.test/index.html'])
      await page.evaluate(`location.assign('${target}')`);
    await page.waitForTimeout(200);
    expect(page.url()).toBe(before);
    expect(refused).toEqual(['https://evil.example/', 'stillroom://app/index.html']);
    const isPrevented = (name: string, facts: object) => {
      let prevented = false;
      studioWindow().webContents.emit(name, { ...facts, preventDefault: () => (prevented = true) });
      return prevented;
    };
    for (const url of ['https://evil.example/', 'file:///etc/passwd']) {
      for (const name of ['will-navigate', 'will-redirect', 'will-attach-webview'])
        expect(isPrevented(name, { url })).toBe(true);
      expect(isPrevented('will-frame-navigate', { url, isMainFrame: true })).toBe(true);
    }
    const own = 'stillroom://app/#/train';
    expect(isPrevented('will-frame-navigate', { url: own, isMainFrame: false })).toBe(true);
    expect(isPrevented('will-frame-navigate', { url: own, isMainFrame: true })).toBe(false);
    expect(isPrevented('will-navigate', { url: own })).toBe(false);
    for (const url of ['https://evil.example/', 'file:///etc/passwd', `${paper}?x`, paper])
      await page.evaluate(`window.open('${url}')`);
    await expect.poll(() => record.outside).toEqual([paper]);
    const reached = await page.evaluate(`fetch('https://evil.example/').then(() => true, () => false)`);
    expect(reached).toBe(false);
  });

  browserTest('gets no permission', () => {
    const asked: unknown[] = [];
    record.permissions['request']?.({}, 'media', (granted: boolean) => asked.push(granted));
    asked.push(
      record.permissions['check']?.({}, 'geolocation'),
      record.permissions['device']?.({ deviceType: 'usb' }),
    );
    expect(asked).toEqual([false, false, false]);
    return Promise.resolve();
  });
});

describe('a message', () => {
  browserTest('that is malformed has no effect, 10,000 on each channel', async () => {
    const { webContents } = studioWindow();
    const trusted = { sender: webContents, senderFrame: webContents.mainFrame };
    const state = async () =>
      JSON.stringify([await ask('projects.list'), await ask('settings.get'), record.dialogs]);
    const before = await state();
    for (const channel of channels) {
      const handler = electron.ipcMain.handlers.get(channel);
      for (let index = 0; index < 10_000; index++) {
        const values = malformed(index);
        // Any short text is a name that can be proposed.
        if (channel === 'source:target' && isName(values)) continue;
        if (handler) await expectRefusal(() => handler(trusted, ...values));
        else electron.ipcMain.emit(channel, trusted, ...values);
      }
    }
    expect(await state()).toBe(before);
    expect(webContents.dragged).toEqual([]);
    expect(record.shown).toEqual([]);
  });

  browserTest('is heard up to its cap and refused a character beyond, on each channel', async () => {
    const { webContents } = studioWindow();
    const trusted = { sender: webContents, senderFrame: webContents.mainFrame };
    expect(await ask('projects.list', {}, textCaps.toHost)).toHaveLength(1);
    const unheard = send('projects.create', { name: 'Too long' }, textCaps.toHost + 1);
    // Texts are answered in order: an answer to the next one says that this one will get none.
    expect(await ask('projects.list')).toHaveLength(1);
    expect(answerTo(unheard)).toBeUndefined();
    const { handlers } = electron.ipcMain;
    await expectRefusal(() => handlers.get('source:drop')?.(trusted, folder + '/.'.repeat(2048)));
    await expectRefusal(() => handlers.get('source:choose')?.(trusted, 'pictures'.padEnd(5000)));
    await expectRefusal(() => handlers.get('source:target')?.(trusted, 'n'.repeat(201)));
    electron.ipcMain.emit('drag:out', trusted, `pictures/${'0'.repeat(80)}`);
    expect(webContents.dragged).toEqual([]);
  });

  browserTest('from another frame, page or window has no effect, however right it is', async () => {
    const { webContents } = studioWindow();
    const { mainFrame } = webContents;
    const strangers = [
      { sender: webContents, senderFrame: null },
      { sender: webContents, senderFrame: { origin: 'stillroom://app' } },
      { sender: { mainFrame }, senderFrame: mainFrame },
      ...['null', 'file://', 'https://evil.example', 'stillroom://other', 'stillroom://app.evil.example'].map(
        (origin) => {
          const frame = { origin };
          return { sender: { mainFrame: frame }, senderFrame: frame };
        },
      ),
    ];
    const create = JSON.stringify({
      kind: 'request',
      id: 1,
      name: 'projects.create',
      input: { name: 'Evil' },
    });
    record.answers.files = ['/etc'];
    for (const stranger of strangers) {
      electron.ipcMain.emit('bridge:connect', stranger, null);
      electron.ipcMain.emit('bridge:text', stranger, create);
      electron.ipcMain.emit('export:show', stranger, 'Swift');
      for (const [channel, value] of [
        ['source:choose', 'pictures'],
        ['source:drop', '/etc'],
        ['source:target', 'Evil'],
      ])
        await expectRefusal(() => electron.ipcMain.handlers.get(channel ?? '')?.(stranger, value));
    }
    record.answers.files = [];
    expect(record.dialogs).toEqual([]);
    expect(await ask('projects.list')).toHaveLength(1);
  });
});

describe('the scheme', () => {
  browserTest('answers with pages and pictures of ours alone', async () => {
    const status = async (url: string, method = 'GET') => (await load(url, method)).status;
    expect(await status('stillroom://app/')).toBe(200);
    expect(await status('stillroom://app/icon.svg')).toBe(200);
    for (const rest of [
      '../package.json',
      '%2e%2e/package.json',
      '..%2f..%2fpackage.json',
      '%00',
      '%',
      'assets/',
      'media/',
    ])
      expect(await status(`stillroom://app/${rest}`)).toBe(404);
    for (const rest of ['media/samples/../../stillroom.db', 'media/pictures/x', 'etc/passwd'])
      expect(await status(`stillroom://app/${rest}`)).toBe(404);
    expect(await status('stillroom://other/')).toBe(403);
    expect(await status('stillroom://app/', 'POST')).toBe(403);
  });

  browserTest('follows no link out of its folder', async () => {
    await writeFile(path.join(folder, 'secret.html'), 'secret');
    const pages = await mkdtemp(path.join(folder, 'pages-'));
    await writeFile(path.join(pages, 'own.html'), 'own');
    await symlink(path.join(folder, 'secret.html'), path.join(pages, 'link.html'));
    expect(await findPage(pages, '/own.html')).toMatchObject({ type: 'text/html; charset=utf-8' });
    expect(await findPage(pages, '/link.html')).toBeUndefined();
    expect(await findPage(pages, '/../secret.html')).toBeUndefined();
  });
});

describe('the desktop', () => {
  browserTest('gives windows ids of what is chosen or dropped, never paths', async () => {
    record.answers.files = [folder];
    const chosen = await page.evaluate<object[]>(`stillroom.choose('pictures')`);
    record.answers.files = [];
    const name = path.basename(folder);
    expect(chosen).toEqual([{ id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string, name }]);
    const dropped = await page.evaluate<object>(`stillroom.sourceOf(new File([], '${name}'))`);
    expect(dropped).toMatchObject({ name });
    expect(JSON.stringify([chosen, dropped])).not.toContain(path.dirname(folder) + path.sep);
    await expect(page.evaluate(`stillroom.sourceOf(new File([], 'is not there'))`)).rejects.toThrow();
    expect(await page.evaluate(`stillroom.choose('pictures')`)).toEqual([]);
    record.dialogs.length = 0;
  });

  browserTest('shows an export where it lies, and nothing beside the exports', async () => {
    const { webContents } = studioWindow();
    const trusted = { sender: webContents, senderFrame: webContents.mainFrame };
    const exported = path.join(folder, 'exports', 'Swift');
    await mkdir(exported, { recursive: true });
    for (const name of ['..', '.', '../runs', 'Swift/..', '..\\runs', folder, '', 'None', 'Swift.json'])
      electron.ipcMain.emit('export:show', trusted, name);
    await page.evaluate(`stillroom.showExport('Swift')`);
    await expect.poll(() => record.shown).toEqual([exported]);
  });

  browserTest(
    'runs its engine in a utility process behind its windows, and its menu by roles and the window’s commands',
    async () => {
      expect(record.processes.map((module) => path.basename(module))).toEqual(['engineProcess.ts']);
      expect(record.pids.map((pid) => getPriority(pid))).toEqual([constants.priority.PRIORITY_BELOW_NORMAL]);
      expect(record.menu.map(({ role, label }) => role ?? label)).toEqual([
        ...['File', 'editMenu', 'viewMenu', 'windowMenu', 'help'],
      ]);
      record.menu
        .flatMap(({ submenu = [] }) => submenu)
        .find(({ id }) => id === 'go-settings')
        ?.click?.();
      await expect.poll(() => page.locator('h1').innerText()).toBe('Settings');
    },
  );

  browserTest('opens files of a second start in its one window', async () => {
    const file = path.join(folder, 'a.stillroom');
    await writeFile(file, '{}');
    electron.app.emit(
      'second-instance',
      {},
      ['stillroom', '--flag', 'a.stillroom', 'none.stillroom'],
      folder,
    );
    await expect.poll(() => record.recent).toEqual([file]);
    expect(studioWindow().webContents.sent.find(({ channel }) => channel === 'opened')?.value).toMatchObject({
      name: 'a.stillroom',
    });
  });

  browserTest('shows that a run trains, asks once when it is closed, and quits saved', async () => {
    await expect
      .poll(async () => (await ask('app.state')) as object, { timeout: 90_000 })
      .toMatchObject({ engine: { status: 'ready' } });
    const [project] = (await ask('projects.list')) as { id: string }[];
    const recipe = {
      ...{ name: 'Toy', teacher: 'toy', data: 'toy', student: { steps: 2 } },
      training: { iterations: 100_000, batch: 8, checkpointEvery: 1000, sampleEvery: 100_000 },
    };
    const run = (await ask('runs.start', { projectId: project?.id, kind: 'distillation', recipe })) as {
      id: string;
    };
    await expect.poll(() => record.progress.some((share) => share > 0), { timeout: 60_000 }).toBe(true);
    expect(record.powerSave).toEqual(['prevent-app-suspension']);
    expect(record.trays[0]?.tip).toMatch(/^Stillroom: \d+ %$/);

    const window = studioWindow();
    expect(window.close()).toBe(false);
    await expect.poll(() => record.dialogs).toHaveLength(1);
    expect(window.isShown).toBe(true);
    record.answers.button = 0;
    expect(window.close()).toBe(false);
    await expect.poll(() => window.isShown).toBe(false);
    record.trays[0]?.menu[0]?.click?.();
    expect(window.isShown).toBe(true);
    expect(window.close()).toBe(false);
    expect(window.isShown).toBe(false);
    expect(record.dialogs).toHaveLength(2);

    record.answers.button = 1;
    electron.app.quit();
    await expect.poll(() => record.hasQuit, { timeout: 60_000 }).toBe(true);
    expect(record.powerSave).toEqual(['prevent-app-suspension', 'stopped']);
    expect(record.progress.at(-1)).toBe(-1);
    const saved = await readdir(path.join(folder, 'runs', run.id, 'checkpoints'));
    expect(saved).toHaveLength(1);
  });
});

/** Words of every kind that fit no channel: wrong types, wrong counts, too long, hostile. */
function malformed(index: number): unknown[] {
  const texts = [
    '',
    '{',
    '[]',
    'null',
    '{"kind":"request"}',
    '{"kind":"request","id":-1,"name":"x"}',
    '__proto__',
  ];
  const kinds = [
    () => [],
    () => [undefined],
    () => [index],
    () => [{ kind: 'request', id: index, name: 'projects.discard' }],
    () => [texts[index % texts.length]],
    () => [`samples/../../${index}`],
    () => [JSON.stringify({ kind: 'request', id: 1, name: `projects.${index}`, input: { name: index } })],
    () => [
      JSON.stringify({ kind: 'request', id: 1, name: 'projects.create', input: { name: 'x', more: index } }),
    ],
    () => [null, null],
    () => [[index]],
    () => ['x'.repeat(index % 5000)],
    () => [Symbol(index)],
    () => ['pictures', 'zip'],
    () => [true],
  ];
  return kinds[index % kinds.length]?.() ?? [];
}

const isName = ([text, ...more]: unknown[]): boolean =>
  more.length === 0 && typeof text === 'string' && text.length > 0 && text.length <= 200;

async function expectRefusal(call: () => unknown): Promise<void> {
  let wasRefused = false;
  try {
    await call();
  } catch {
    wasRefused = true;
  }
  if (!wasRefused) throw new Error('This should have been refused.');
}
