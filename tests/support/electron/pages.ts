/**
 * The double's windows: real Chromium pages with the real preload. What the page loads is answered by the app's own
 * protocol handler, and where it wants to go is asked of the app's own listeners, as Electron does.
 */
import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext, Frame, Page, Route } from 'playwright-core';
import { launchChromium } from '../chromium.ts';

/** Chromium itself does not know the app's scheme; pages live at this address instead. */
const standIn = 'https://stillroom.test';
const origin = 'stillroom://app';
const toApp = (url: string) => (url.startsWith(standIn) ? origin + url.slice(standIn.length) : url);

export interface FrameDouble {
  readonly origin: string;
}

export interface Preventable {
  defaultPrevented: boolean;
  preventDefault(): void;
}

export function preventable<T extends object>(facts: T): T & Preventable {
  const event = {
    ...facts,
    defaultPrevented: false,
    preventDefault: () => {
      event.defaultPrevented = true;
    },
  };
  return event;
}

/** What pages need of the rest of the double. */
export interface Surroundings {
  readonly answer: (url: string, method: string) => Promise<Response>;
  readonly mayRequest: (url: string) => boolean;
  readonly heard: (kind: 'send' | 'invoke', channel: string, event: object, values: unknown[]) => unknown;
}

export class WebContentsDouble extends EventEmitter {
  readonly mainFrame: FrameDouble = { origin };
  /** What main sent, by channel. */
  readonly sent: { readonly channel: string; readonly value: unknown }[] = [];
  readonly dragged: { readonly file: string }[] = [];
  readonly complaints: string[] = [];
  /** Addresses that were refused, whoever refused them. */
  readonly refused: string[] = [];
  page: Page | undefined;
  private browser: Browser | undefined;
  private openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  private isOwnLoad = false;
  private readonly surroundings: Surroundings;
  private readonly preload: string;

  constructor(surroundings: Surroundings, preload: string) {
    super();
    this.surroundings = surroundings;
    this.preload = preload;
  }

  async load(url: string): Promise<void> {
    this.browser = await launchChromium();
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 } });
    this.page = await context.newPage();
    await this.prepare(context, this.page);
    this.isOwnLoad = true;
    await this.page.goto(url.replace(origin, standIn));
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }

  send(channel: string, value: unknown): void {
    this.sent.push({ channel, value });
    void this.page
      ?.evaluate(`__tell(${JSON.stringify(channel)}, ${JSON.stringify(value)})`)
      .catch(() => undefined);
  }

  startDrag(item: { file: string }): void {
    this.dragged.push(item);
  }

  reload(): void {
    this.isOwnLoad = true;
    void this.page?.reload();
  }

  async close(): Promise<void> {
    await this.browser?.close();
  }

  private async prepare(context: BrowserContext, page: Page): Promise<void> {
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
    await context.route('**/*', (route) => this.route(route));
    context.on('page', (popup) => {
      if (popup !== page) void popup.close();
    });
    await page.exposeBinding(
      '__ipc',
      ({ frame }, kind: 'send' | 'invoke', channel: string, values: unknown[]) =>
        this.surroundings.heard(kind, channel, { sender: this, senderFrame: this.frameOf(frame) }, values),
    );
    await page.exposeBinding('__open', (_source, url: string) => this.openHandler({ url }).action);
    await page.addInitScript({ content: pageScript(await readFile(this.preload, 'utf8')) });
  }

  private frameOf(frame: Frame): FrameDouble {
    return frame === this.page?.mainFrame() ? this.mainFrame : { origin };
  }

  private async route(route: Route): Promise<void> {
    const request = route.request();
    const url = toApp(request.url());
    const refuse = () => {
      this.refused.push(url);
      // Chromium stays where it is.
      return route.abort('aborted');
    };
    if (request.isNavigationRequest() && !this.takeOwnLoad()) {
      const isMainFrame = request.frame() === this.page?.mainFrame();
      const details = preventable({ url, isMainFrame });
      this.emit('will-frame-navigate', details);
      if (isMainFrame) this.emit('will-navigate', details);
      if (details.defaultPrevented) return refuse();
    }
    if (!this.surroundings.mayRequest(url)) return refuse();
    const response = await this.surroundings.answer(url, request.method());
    return route.fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    });
  }

  private takeOwnLoad(): boolean {
    const own = this.isOwnLoad;
    this.isOwnLoad = false;
    return own;
  }
}

/** The preload with the `electron` that sandboxed preloads get, and `window.open` as the app decides. */
const pageScript = (preload: string): string => `(() => {
  const ipc = globalThis.__ipc;
  const listeners = new Map();
  globalThis.__tell = (channel, value) => {
    for (const listener of listeners.get(channel) ?? []) listener({}, value);
  };
  const electron = {
    ipcRenderer: {
      send: (channel, ...values) => void ipc('send', channel, values),
      invoke: (channel, ...values) => ipc('invoke', channel, values),
      on: (channel, listener) => listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
      removeAllListeners: (channel) => listeners.delete(channel),
    },
    contextBridge: { exposeInMainWorld: (name, value) => { globalThis[name] = value; } },
    webUtils: { getPathForFile: (file) => '/tmp/' + file.name },
  };
  globalThis.open = (url) => { void globalThis.__open(String(url)); return null; };
  (function (require, process) { ${preload}\n })(() => electron);
})();`;
