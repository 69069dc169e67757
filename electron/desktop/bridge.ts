/** The bridge between windows and host over Electron's messages: one transport for each page that connects. */
import { z } from 'zod';
import { textCaps } from '../bridge/frames.ts';
import type { Transport } from '../bridge/transport.ts';
import type { Host } from '../host.ts';
import { onSent } from './ipc.ts';

export function bridgeWindows(host: Pick<Host, 'accept'>): void {
  const pages = new Map<Electron.BrowserWindow, PageTransport>();
  onSent('bridge:connect', z.null(), (_value, window) => {
    // A reloaded page connects anew; what the old one waited for is dropped.
    pages.get(window)?.close();
    const page = new PageTransport(window);
    pages.set(window, page);
    host.accept(page);
    window.once('closed', () => {
      page.close();
      if (pages.get(window) === page) pages.delete(window);
    });
  });
  onSent('bridge:text', z.string().max(textCaps.toHost), (text, window) => pages.get(window)?.receive(text));
}

class PageTransport implements Transport {
  private readonly window: Electron.BrowserWindow;
  private readonly listeners: ((text: string) => void)[] = [];
  private readonly closed = new AbortController();

  constructor(window: Electron.BrowserWindow) {
    this.window = window;
  }

  receive(text: string): void {
    for (const listener of this.listeners) listener(text);
  }

  send(text: string): void {
    if (!this.closed.signal.aborted && !this.window.isDestroyed())
      this.window.webContents.send('bridge:text', text);
  }

  onText(listener: (text: string) => void): void {
    this.listeners.push(listener);
  }

  onClose(listener: () => void): void {
    this.closed.signal.addEventListener('abort', () => listener(), { once: true });
  }

  close(): void {
    this.listeners.length = 0;
    this.closed.abort();
  }

  waitingBytes(): number {
    return 0;
  }
}
