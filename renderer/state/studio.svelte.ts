/** All that a window knows, given to every component through Svelte's context. */
import { createContext } from 'svelte';
import { App } from './app.svelte.ts';
import { Commands } from './commands.svelte.ts';
import { Connection } from './connection.svelte.ts';
import { DataSets } from './dataSets.svelte.ts';
import { Preferences } from './preferences.svelte.ts';
import { ProjectFiles } from './projectFiles.svelte.ts';
import { Projects } from './projects.svelte.ts';
import { Router } from './router.svelte.ts';
import { Runs } from './runs.svelte.ts';
import { Toasts } from './toasts.svelte.ts';

export class Studio {
  readonly connection: Connection;
  readonly app: App;
  readonly preferences: Preferences;
  readonly projects: Projects;
  readonly dataSets: DataSets;
  readonly runs: Runs;
  readonly router = new Router();
  readonly toasts = new Toasts();
  readonly commands = new Commands();
  readonly projectFiles: ProjectFiles;

  constructor(connection = new Connection()) {
    this.connection = connection;
    this.app = new App(connection);
    this.preferences = new Preferences(connection);
    this.projects = new Projects(connection);
    this.dataSets = new DataSets(connection);
    this.runs = new Runs(connection);
    this.projectFiles = new ProjectFiles(this);
  }

  /** What is asked of the host; each domain's state class keeps the answers that outlive a view. */
  get api() {
    return this.connection.client.api;
  }

  async start(): Promise<void> {
    await this.connection.start();
    await Promise.all([this.preferences.load(), this.projects.load(), this.runs.load(), this.app.load()]);
  }
}

export const [useStudio, provideStudio] = createContext<Studio>();
