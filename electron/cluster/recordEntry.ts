/** Puts what a task told into a journal, where no queue does. */
import { fromFailure } from '../bridge/frames.ts';
import type { JournalEntry } from '../engineProcess/messages.ts';
import type { RunJournal } from '../features/runJournal.ts';

export async function recordEntry(journal: RunJournal, entry: JournalEntry): Promise<void> {
  switch (entry.kind) {
    case 'began':
      return journal.began(entry.iteration);
    case 'metrics':
      return journal.metrics(entry.points.map(({ value, ...point }) => ({ ...point, value: value ?? NaN })));
    case 'checkpoint':
      return journal.checkpoint(entry.checkpoint, entry.best ?? undefined);
    case 'frame':
      return journal.frame(entry.frame);
    case 'views':
      return;
    case 'ended':
      return journal.ended(entry.status, entry.error && fromFailure(entry.error));
  }
}
