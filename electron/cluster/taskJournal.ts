/** What a task tells, written at once and in order; numbers of iterations are gathered, since each line is a write. */
import { appendFileSync } from 'node:fs';
import { journalFile, type TaskEntry } from './taskFiles.ts';

type Points = Extract<TaskEntry, { kind: 'metrics' }>['points'];

/** Of one line. */
const POINTS = 200;

export class TaskJournal {
  private readonly file: string;
  private points: Points = [];

  /** A task that was killed may have left half a line: what follows begins anew. */
  constructor(folder: string, position: number) {
    this.file = journalFile(folder, position);
    appendFileSync(this.file, '\n');
  }

  tell(entry: TaskEntry): void {
    if (entry.kind === 'metrics') {
      this.points.push(...entry.points);
      if (this.points.length >= POINTS) this.flush();
      return;
    }
    this.flush();
    this.write(entry);
  }

  private flush(): void {
    if (this.points.length > 0) this.write({ kind: 'metrics', points: this.points });
    this.points = [];
  }

  private write(entry: TaskEntry): void {
    appendFileSync(this.file, `${JSON.stringify(entry)}\n`);
  }
}
