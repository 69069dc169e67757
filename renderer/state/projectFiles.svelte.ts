/** Projects saved as files and opened from them: one at a time, with how far it is, wherever in the window one looks. */
import { StudioError } from '../../engine/contract/errors.ts';
import type { Project } from '../../engine/contract/messages/projects.ts';
import { language } from '../messages/language.svelte.ts';
import { formatBytes } from '../ui/quantities.ts';
import { mediaUrl, type Connection } from './connection.svelte.ts';
import type { Reached } from './dataSets.svelte.ts';
import type { Projects } from './projects.svelte.ts';
import type { Router } from './router.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';
import { upload } from './upload.ts';

export const projectEnding = '.stillroom';

interface Parts {
  readonly connection: Connection;
  readonly projects: Projects;
  readonly router: Router;
  readonly toasts: Toasts;
}

export class ProjectFiles {
  working = $state.raw<{ readonly kind: 'save' | 'open'; readonly name: string }>();
  /** Of the work, 0 to 1; undefined as long as it cannot be said. */
  share = $state<number>();
  /** In bytes, as long as a browser sends a file to the host. */
  sending = $state.raw<Reached>();
  private readonly parts: Parts;
  private stop = new AbortController();
  /** Asks for a file; held, since an input that nothing holds may be collected before it is answered. */
  private readonly input = fileInput();

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** Asks the desktop where to; a browser downloads it. */
  async save({ id, name }: Project, withPictures: boolean): Promise<void> {
    const fileName = `${name.replace(/[\\/:*?"<>|]+/g, ' ').trim() || 'project'}${projectEnding}`;
    const desktop = window.stillroom;
    const target = await desktop?.chooseTarget(fileName);
    if (desktop && !target) return;
    await this.work('save', name, async (options) => {
      const asked = { id, withPictures, target: target?.id ?? null };
      const { bytes, media } = await this.api.save(asked, options);
      if (media !== null) download(mediaUrl(media), fileName);
      this.parts.toasts.show(language.words.projects.saved(name, formatBytes(bytes)), 'good');
    });
  }

  /** Asks which file to open. */
  async choose(): Promise<void> {
    if (window.stillroom) {
      const [source] = await window.stillroom.choose('archive');
      if (source) await this.open(source.id, source.name);
      return;
    }
    const { input } = this;
    // Otherwise the same file twice would be no change.
    input.value = '';
    input.onchange = () => {
      if (input.files?.[0]) void this.openDropped(input.files[0]);
    };
    input.click();
  }

  /** A file that was dropped, or chosen in a browser. */
  async openDropped(file: File): Promise<void> {
    if (window.stillroom) {
      const { id, name } = await window.stillroom.sourceOf(file);
      return this.open(id, name);
    }
    await this.work('open', file.name, async (options) => {
      const onProgress = (done: number, total: number) => {
        this.sending = { done, total };
        options.onProgress(done, total);
      };
      await upload([{ path: file.name, file }], { signal: options.signal, onProgress }, ({ source }) => {
        this.sending = undefined;
        this.share = undefined;
        return this.openSource(source, file.name, options);
      });
    });
  }

  /** @param source what the desktop chose or was asked to open */
  open(source: string, name: string): Promise<void> {
    return this.work('open', name, (options) => this.openSource(source, name, options));
  }

  cancel(): void {
    this.stop.abort();
  }

  private async openSource(source: string, name: string, options: Options): Promise<void> {
    const { projects, router, toasts } = this.parts;
    const { kind } = await this.api.kindOfFile({ source }, options);
    // An engine is installed where engines are: it asks first.
    if (kind === 'engine') {
      router.go('settings', 'install', source, encodeURIComponent(name));
      return;
    }
    const project = await this.api.openFile({ source }, options);
    await projects.load();
    toasts.show(language.words.projects.openedFile(project.name), 'good');
    router.go('projects');
  }

  private async work(kind: 'save' | 'open', name: string, work: (options: Options) => Promise<void>) {
    if (this.working) return;
    this.working = { kind, name };
    this.share = undefined;
    this.stop = new AbortController();
    const onProgress = (done: number, total: number) => (this.share = total === 0 ? undefined : done / total);
    try {
      await work({ signal: this.stop.signal, onProgress });
    } catch (error) {
      if (!(error instanceof StudioError && error.code === 'cancelled')) this.parts.toasts.error(error);
    } finally {
      this.working = undefined;
      this.sending = undefined;
    }
  }

  private get api() {
    return this.parts.connection.client.api.projects;
  }
}

interface Options {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

function fileInput(): HTMLInputElement {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = projectEnding;
  return input;
}

function download(address: string, name: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}
