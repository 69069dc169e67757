/** Everything that can be done from the palette or by a key; views add theirs while they are shown. */
import { untrack } from 'svelte';

export interface Command {
  readonly id: string;
  /** Read anew each time, so that it follows the language. */
  readonly label: () => string;
  readonly group: 'go' | 'actions' | 'appearance';
  /** `Mod+K`: Ctrl, or Command on a Mac; `F1`, `Enter`, `Space`, `ArrowLeft` as they are. */
  readonly keys?: string;
  readonly run: () => void;
}

export const isMac = /mac/i.test(navigator.userAgent);

export class Commands {
  list = $state.raw<readonly Command[]>([]);

  /** Returns what takes them away again; `$effect(() => commands.add([...]))` ties them to a component. */
  add(commands: readonly Command[]): () => void {
    // An effect that adds must not follow the list.
    this.list = [...untrack(() => this.list), ...commands];
    return () => {
      this.list = this.list.filter((command) => !commands.includes(command));
    };
  }

  /** Runs the newest command of this id, e.g. from the desktop's menu. */
  runById(id: string): void {
    this.list.findLast((command) => command.id === id)?.run();
  }

  /** Runs the newest command of the pressed keys; returns whether there was one. */
  press(event: KeyboardEvent): boolean {
    const pressed = keysOf(event);
    const modified = pressed.includes('Mod+') || /^F\d+$/.test(pressed);
    // Plain keys belong to what has the focus, if it takes text or is pressed by them.
    if (!modified && takesKeys(event.target)) return false;
    const command = this.list.findLast(({ keys }) => keys === pressed);
    command?.run();
    return command !== undefined;
  }
}

function keysOf({ key, ctrlKey, metaKey, shiftKey, altKey }: KeyboardEvent): string {
  const name = key === ' ' ? 'Space' : key.length === 1 ? key.toUpperCase() : key;
  const modifiers = [
    (isMac ? metaKey : ctrlKey) && 'Mod',
    altKey && 'Alt',
    shiftKey && key.length > 1 && 'Shift',
  ];
  return [...modifiers.filter((modifier) => modifier !== false), name].join('+');
}

/** As people read them: `⌘K` or `Ctrl+K`. */
export function keyLabels(keys: string): string[] {
  return keys.split('+').map((key) => (key === 'Mod' ? (isMac ? '⌘' : 'Ctrl') : (symbols[key] ?? key)));
}

const symbols: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
};

function takesKeys(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      /^(INPUT|TEXTAREA|SELECT|BUTTON|A)$/.test(target.tagName) ||
      target.role !== null)
  );
}
