/** Short notices at the window's corner. Errors stay until they are dismissed. */
import { StudioError } from '../../engine/contract/errors.ts';

export interface Toast {
  readonly id: number;
  readonly tone: 'info' | 'good' | 'bad';
  readonly text: string;
  readonly hint: string;
}

const SHOWN_FOR = 5000;
const AT_MOST = 4;

export class Toasts {
  list = $state<readonly Toast[]>([]);
  private lastId = 0;

  show(text: string, tone: Toast['tone'] = 'info', hint = ''): void {
    const id = ++this.lastId;
    this.list = [...this.list, { id, tone, text, hint }].slice(-AT_MOST);
    if (tone !== 'bad') setTimeout(() => this.dismiss(id), SHOWN_FOR);
  }

  /** What a person cancelled is no news to that person. */
  error(error: unknown): void {
    if (error instanceof StudioError) {
      if (error.code !== 'cancelled') this.show(error.message, 'bad', error.hint);
    } else this.show(error instanceof Error ? error.message : String(error), 'bad');
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}
