/** What a sweep and its tasks on a cluster tell each other: files in a folder that both see, a journal a task. */
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { baselineMeasuringSchema, journalEntrySchema, trainingSchema } from '../engineProcess/messages.ts';

const taskSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('student'), training: trainingSchema }),
  z.strictObject({ kind: z.literal('teacher'), measuring: baselineMeasuringSchema }),
]);
export type Task = z.infer<typeof taskSchema>;

const tasksSchema = z.strictObject({ version: z.literal(1), tasks: z.array(taskSchema).readonly() });

/** A line of a task's journal. */
const entrySchema = z.union([
  journalEntrySchema,
  z.strictObject({ kind: z.literal('measured'), values: z.record(z.string(), z.number()) }),
]);
export type TaskEntry = z.infer<typeof entrySchema>;

const tasksFile = (folder: string) => path.join(folder, 'tasks.json');
export const journalFile = (folder: string, position: number) => path.join(folder, `${position}.jsonl`);

/** The script takes what it runs as arguments, so that no name is ever read by a shell. */
const SCRIPT = '#!/bin/sh\nexec "$@"\n';

export const scriptFile = (folder: string): string => path.join(folder, 'task.sh');

/** Empty journals are made as well: network file systems show new files late, new lines at once. */
export async function writeTasks(folder: string, tasks: readonly Task[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(tasks.map((_, position) => writeFile(journalFile(folder, position), '')));
  await writeFile(scriptFile(folder), SCRIPT);
  const unfinished = `${tasksFile(folder)}.tmp`;
  await writeFile(unfinished, JSON.stringify({ version: 1, tasks } satisfies z.infer<typeof tasksSchema>));
  await rename(unfinished, tasksFile(folder));
}

/** Undefined where the submission was given up meanwhile. */
export async function readTask(folder: string, position: number): Promise<Task | undefined> {
  const text = await readFile(tasksFile(folder), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : tasksSchema.parse(JSON.parse(text)).tasks[position];
}

/** Whole lines from a byte on, and where the next begin. */
export async function readEntries(
  folder: string,
  position: number,
  from: number,
): Promise<{ entries: TaskEntry[]; next: number }> {
  const file = await open(journalFile(folder, position)).catch(() => undefined);
  if (!file) return { entries: [], next: from };
  try {
    const { size } = await file.stat();
    if (size <= from) return { entries: [], next: from };
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - from), position: from });
    const whole = buffer.subarray(0, buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1);
    const lines = whole.toString('utf8').split('\n').filter(isWhole);
    return { entries: lines.map((line) => entrySchema.parse(JSON.parse(line))), next: from + whole.length };
  } finally {
    await file.close();
  }
}

/** Entries are objects: what was cut off has no end. */
const isWhole = (line: string): boolean => {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
};

/** The last line that a task printed, for whoever asks why it ended. */
export async function lastWords(folder: string, position: number): Promise<string | undefined> {
  const text = await readFile(path.join(folder, `${position}.log`), 'utf8').catch(() => '');
  return text.trim().split('\n').at(-1)?.trim().slice(0, 300) || undefined;
}
