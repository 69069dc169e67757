/** The last lines of a terminal, drawn over and over in place. */
import type { Output } from './reporter.ts';

const up = (lines: number): string => (lines > 0 ? `\u001b[${lines}A` : '');
const eraseBelow = '\u001b[0J';

export class LiveArea {
  private readonly output: Output;
  private height = 0;

  constructor(output: Output) {
    this.output = output;
  }

  /** Columns that a line may have without being broken. */
  get width(): number {
    return Math.max(20, (this.output.columns ?? 80) - 1);
  }

  /** One write, so that no half of it is seen. */
  show(lines: readonly string[]): void {
    this.output.write(`\r${up(this.height)}${eraseBelow}${lines.map((line) => `${line}\n`).join('')}`);
    this.height = lines.length;
  }

  clear(): void {
    if (this.height > 0) this.show([]);
  }
}
