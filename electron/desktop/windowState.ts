/** Where the window was, kept beside Chromium's own files. A place that no screen shows any more is forgotten. */
import { screen, type BrowserWindow, type Rectangle } from 'electron';
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const stateSchema = z.strictObject({
  bounds: z.strictObject({ x: z.int(), y: z.int(), width: z.int().min(640), height: z.int().min(480) }),
  isMaximized: z.boolean(),
});
type WindowState = z.infer<typeof stateSchema>;

export const firstSize = { width: 1280, height: 800 } as const;

/** Undefined where nothing usable is kept. */
export function readWindowState(file: string): WindowState | undefined {
  try {
    const state = stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return isOnScreen(state.bounds) ? state : undefined;
  } catch {
    return undefined;
  }
}

export function keepWindowState(file: string, window: BrowserWindow): void {
  const state: WindowState = { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() };
  writeFileSync(file, JSON.stringify(state));
}

/** Whether enough of the window's top can be seen to take hold of it. */
function isOnScreen({ x, y, width }: Rectangle): boolean {
  return screen.getAllDisplays().some(({ workArea }) => {
    const left = Math.max(x, workArea.x);
    const right = Math.min(x + width, workArea.x + workArea.width);
    return right - left >= 100 && y >= workArea.y && y < workArea.y + workArea.height - 50;
  });
}
