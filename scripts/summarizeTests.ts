/**
 * Prints `N passed, N failed` from Vitest's JSON report; a file that failed before any of its tests counts as one.
 *
 *   node scripts/summarizeTests.ts FILE
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const status = z.object({ status: z.string() });
const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(status.extend({ assertionResults: z.array(status) })),
});

const { numPassedTests, numFailedTests, testResults } = reportSchema.parse(
  JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')),
);
const broken = testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
);
console.log(`${numPassedTests} passed, ${numFailedTests + broken.length} failed`);
