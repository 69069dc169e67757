/** What computes and what the computer has left, as the host last told. */
import type { AppState as Told } from '../../engine/contract/messages/app.ts';
import type { Connection } from './connection.svelte.ts';

export class App {
  /** Undefined until the host answered once. */
  told = $state.raw<Told>();
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
    connection.client.on('app.engine', (engine) => {
      if (this.told) this.told = { ...this.told, engine };
    });
    connection.client.on('app.resources', (resources) => {
      if (this.told) this.told = { ...this.told, resources };
    });
    connection.onReopen(() => void this.load());
  }

  async load(): Promise<void> {
    this.told = await this.connection.client.api.app.state();
  }
}
