/** The system's Chromium for tests of pages. Without it they are skipped, except in CI, where they must run. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { test } from 'vitest';

const executablePath = '/usr/bin/chromium';
/** A browser starts slowly on a busy computer. */
const patienceMilliseconds = 240_000;
const isHere = existsSync(executablePath);

if (!isHere && process.env['CI'] === 'true')
  throw new Error(`CI needs ${executablePath} for the tests of pages.`);

/** A test whose title says why it was skipped where it is. */
export function browserTest(title: string, body: () => Promise<void>): void {
  if (isHere) test(title, { timeout: patienceMilliseconds }, body);
  else test.skip(`${title} (skipped: ${executablePath} is not installed)`, body);
}

export function launchChromium(): Promise<Browser> {
  const quiet = ['quic', 'background-networking', 'component-update', 'sync'].map(
    (what) => `--disable-${what}`,
  );
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...quiet],
  });
}
