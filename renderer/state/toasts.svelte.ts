/** Short notices at the window's corner. Errors stay until they are dismissed. */
import { StudioError, type StudioErrorCode } from '../../engine/contract/errors.ts';

export interface Toast {
  readonly id: number;
  readonly tone: 'info' | 'good' | 'bad';
  /** Of a fault, whose kind stands above the text. */
  readonly code?: StudioErrorCode;
  readonly text: string;
  readonly hint: string;
}

const SHOWN_FOR = 5000;
const AT_MOST = 4;

export class Toasts {
  list = $state<readonly Toast[]>([]);
  private lastId = 0;

  show(text: string, tone: Toast['tone'] = 'info', hint = ''): void {
    const id = this.add({ tone, text, hint });
    if (tone !== 'bad') setTimeout(() => this.dismiss(id), SHOWN_FOR);
  }

  /** What a person cancelled is no news to that person. */
  error(error: unknown): void {
    const { code, hint } = error instanceof StudioError ? error : ({ code: 'internal', hint: '' } as const);
    const text = error instanceof Error ? error.message : String(error);
    if (code !== 'cancelled') this.add({ tone: 'bad', code, text, hint });
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  private add(toast: Omit<Toast, 'id'>): number {
    const id = ++this.lastId;
    this.list = [...this.list, { id, ...toast }].slice(-AT_MOST);
    return id;
  }
}
