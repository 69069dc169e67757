/** The app's settings, applied to this window: theme, language, motion. */
import {
  settingsSchema,
  type Settings,
  type SettingsChange,
} from '../../engine/contract/messages/settings.ts';
import { language } from '../messages/language.svelte.ts';
import type { Connection } from './connection.svelte.ts';

export class Preferences {
  now = $state.raw<Settings>(settingsSchema.parse({}));
  /** Nothing may move: wanted here, or by the system. */
  isStill = $state(false);
  private readonly connection: Connection;
  private readonly darkWanted = window.matchMedia('(prefers-color-scheme: dark)');
  private readonly stillWanted = window.matchMedia('(prefers-reduced-motion: reduce)');

  constructor(connection: Connection) {
    this.connection = connection;
    connection.client.on('settings.changed', (settings) => this.apply(settings));
    connection.onReopen(() => void this.load());
    for (const wanted of [this.darkWanted, this.stillWanted])
      wanted.addEventListener('change', () => this.apply(this.now));
  }

  async load(): Promise<void> {
    this.apply(await this.connection.client.api.settings.get());
  }

  async change(change: SettingsChange): Promise<void> {
    this.apply(await this.connection.client.api.settings.change(change));
  }

  private apply(settings: Settings): void {
    this.now = settings;
    const { theme, motion } = settings;
    const { dataset } = document.documentElement;
    dataset['theme'] = theme === 'system' ? (this.darkWanted.matches ? 'dark' : 'light') : theme;
    this.isStill = motion === 'system' ? this.stillWanted.matches : motion === 'reduced';
    dataset['motion'] = this.isStill ? 'reduced' : 'full';
    language.choose(settings.language);
  }
}
