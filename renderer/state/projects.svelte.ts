/** The projects and the one that is open; which one that is outlives a reload. */
import type { Project } from '../../engine/contract/messages/projects.ts';
import type { Connection } from './connection.svelte.ts';

const remembered = 'stillroom.project';

export class Projects {
  list = $state.raw<readonly Project[]>();
  openId = $state<string | null>(window.localStorage.getItem(remembered));
  readonly open = $derived(this.list?.find(({ id }) => id === this.openId));
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
    connection.client.on('projects.changed', () => void this.load());
    connection.onReopen(() => void this.load());
  }

  async load(): Promise<void> {
    this.list = await this.api.list();
  }

  /** @throws StudioError 'input-invalid' with field `name`. */
  async create(name: string): Promise<Project> {
    const project = await this.api.create({ name });
    await this.load();
    this.remember(project.id);
    return project;
  }

  async openProject(id: string): Promise<void> {
    await this.api.open({ id });
    this.remember(id);
    await this.load();
  }

  async rename(id: string, name: string): Promise<void> {
    await this.api.rename({ id, name });
    await this.load();
  }

  async discard(id: string): Promise<void> {
    await this.api.discard({ id });
    if (this.openId === id) this.remember(null);
    await this.load();
  }

  private get api() {
    return this.connection.client.api.projects;
  }

  private remember(id: string | null): void {
    this.openId = id;
    if (id === null) window.localStorage.removeItem(remembered);
    else window.localStorage.setItem(remembered, id);
  }
}
