/** Files that the system asks the app to open, at its start and later, and the one instance that opens them. */
import { app } from 'electron';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { showWindow, tellWindow, type Desktop } from './desktop.ts';
import { onSent } from './ipc.ts';

const ending = '.stillroom';

/** Files that were asked for before the window could take them. */
export class Documents {
  private readonly waiting: string[];
  private desktop: Desktop | undefined;
  private isReady = false;

  /** @param words of the command line */
  constructor(words: readonly string[]) {
    this.waiting = documentsOf(words, process.cwd());
    app.on('open-file', (event, file) => {
      event.preventDefault();
      this.open([file]);
    });
    app.on('second-instance', (_event, otherWords, folder) => {
      if (this.desktop) showWindow(this.desktop);
      this.open(documentsOf(otherWords, folder));
    });
  }

  /** The window takes files from now on; a page says when it listens. */
  serve(desktop: Desktop): void {
    this.desktop = desktop;
    onSent('ready', z.null(), () => {
      this.isReady = true;
      this.tell();
    });
  }

  private open(files: readonly string[]): void {
    this.waiting.push(...files);
    if (this.isReady) this.tell();
  }

  private tell(): void {
    const { desktop } = this;
    if (!desktop) return;
    for (const file of this.waiting.splice(0)) {
      app.addRecentDocument(file);
      tellWindow(desktop, 'opened', desktop.host.sources.add(file));
    }
  }
}

function documentsOf(words: readonly string[], folder: string): string[] {
  return words
    .filter((word) => word.endsWith(ending) && !word.startsWith('-'))
    .map((word) => path.resolve(folder, word))
    .filter((file) => existsSync(file));
}
