/** Reads a Chromium trace: the longest task of a window's main thread, and what took its time. */
import { z } from 'zod';

const eventSchema = z.object({
  name: z.string(),
  ph: z.string(),
  pid: z.number(),
  tid: z.number(),
  ts: z.number().optional(),
  dur: z.number().optional(),
  tdur: z.number().optional(),
  args: z.record(z.string(), z.unknown()).optional(),
});
const traceSchema = z.object({ traceEvents: z.array(eventSchema) });

export interface RendererTask {
  readonly milliseconds: number;
  /** Of these the processor worked on it. */
  readonly busyMilliseconds: number;
  /** Since the trace began. */
  readonly at: number;
  /** What ran within it for a tenth of it or more, with its milliseconds, the longest first. */
  readonly within: readonly string[];
}

/** @param trace as `browser.stopTracing` gives it, with the category `toplevel` */
export function longestTask(trace: Buffer): RendererTask {
  const { traceEvents } = traceSchema.parse(JSON.parse(trace.toString()));
  const threadOf = ({ pid, tid }: z.infer<typeof eventSchema>) => `${pid} ${tid}`;
  const mainThreads = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.['name'] === 'CrRendererMain')
      .map(threadOf),
  );
  const spans = traceEvents.flatMap((event) =>
    event.ph === 'X' && mainThreads.has(threadOf(event))
      ? [
          {
            name: event.name,
            thread: threadOf(event),
            from: event.ts ?? 0,
            length: event.dur ?? 0,
            busy: event.tdur ?? 0,
          },
        ]
      : [],
  );
  const [longest] = spans.filter(({ name }) => name.endsWith('RunTask')).sort((a, b) => b.length - a.length);
  if (!longest) throw new Error('The trace has no task of a window’s main thread.');
  const within = spans
    .filter(
      ({ thread, from, length }) =>
        thread === longest.thread &&
        from >= longest.from &&
        from + length <= longest.from + longest.length &&
        length >= longest.length / 10,
    )
    .sort((a, b) => b.length - a.length)
    .map(({ name, length }) => `${name} ${(length / 1000).toFixed(1)}`);
  const began = spans.reduce((least, { from }) => Math.min(least, from), Infinity);
  return {
    milliseconds: longest.length / 1000,
    busyMilliseconds: longest.busy / 1000,
    at: (longest.from - began) / 1000,
    within,
  };
}
