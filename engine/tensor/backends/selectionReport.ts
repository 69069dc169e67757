/** What was found out about each backend, as plain data; kept so that later starts need not measure again. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import { cacheFolder } from '../../contract/cacheFolder.ts';
import { threadCount } from '../threads.ts';
import { findNativeEngine } from '../native/nativeEngine.ts';
import { backendNames } from './backend.ts';

const candidateSchema = z.strictObject({
  name: z.enum(backendNames),
  outcome: z.enum(['chosen', 'slower', 'unavailable', 'not tried']),
  /** For people: why it won, lost or cannot run. */
  reason: z.string(),
  device: z.string().optional(),
  version: z.string().optional(),
  threads: z.int().optional(),
  activationMilliseconds: z.number().optional(),
  measured: z
    .strictObject({
      matmulGigaflops: z.number(),
      matmulSize: z.int(),
      trainingStepMilliseconds: z.number(),
    })
    .optional(),
});

const reportSchema = z.strictObject({
  chosen: z.enum(backendNames),
  measuredAt: z.iso.datetime(),
  candidates: z.array(candidateSchema),
});

export type CandidateReport = z.infer<typeof candidateSchema>;
export type SelectionReport = z.infer<typeof reportSchema>;

/** The report kept for this computer and engine, or undefined when there is none that can be read. */
export function readKeptReport(): SelectionReport | undefined {
  try {
    return reportSchema.safeParse(JSON.parse(readFileSync(reportPath(), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

export function keepReport(report: SelectionReport): void {
  const path = reportPath();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(report, null, 2));
  renameSync(`${path}.${process.pid}`, path);
}

export function forgetReport(): void {
  rmSync(reportPath(), { force: true });
}

const reportPath = (): string => measurementPath('backends');

/** Where a measurement of this kind is kept: one file for each combination of what it depends on. */
export function measurementPath(kind: string): string {
  const parts = [
    findNativeEngine()?.key ?? 'no native engine',
    cpus()[0]?.model ?? process.arch,
    process.versions.node,
    threadCount,
    process.env['VK_ICD_FILENAMES'],
  ];
  const key = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
  return join(cacheFolder(), kind, `${key}.json`);
}
