/**
 * Lets one process at a time provision an engine, so that two do not download the same. It only saves work: the
 * engine itself appears by an atomic rename and would survive two builders.
 */
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

const heartbeatMilliseconds = 5_000;
const abandonedAfterMilliseconds = 60_000;
const pollMilliseconds = 250;

/**
 * Runs `task` while holding the lock file. Waits as long as its owner lives: a dead process or one whose heartbeat
 * stopped for a minute has abandoned it.
 */
export async function withProvisionLock<T>(
  path: string,
  task: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  while (!(await takeLock(path))) {
    if (await isAbandoned(path)) await rm(path, { force: true });
    else await wait(pollMilliseconds, undefined, signal ? { signal } : {});
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    // A lock that was taken away is noticed by nobody but the rename, which decides.
    utimes(path, now, now).catch(() => undefined);
  }, heartbeatMilliseconds);
  try {
    return await task();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  }
}

async function takeLock(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > abandonedAfterMilliseconds) return true;
    const owner = Number(await readFile(path, 'utf8'));
    return owner > 0 && !isAlive(owner);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isCode(error, 'ESRCH');
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
