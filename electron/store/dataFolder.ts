/** Where Stillroom keeps what it makes: the database and, below `runs/`, each run's own folder. */

import { homedir } from 'node:os';
import { join } from 'node:path';

/** Absolute path; `STILLROOM_DATA` overrides what the platform proposes. */
export function dataFolder(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const chosen = environment['STILLROOM_DATA'];
  if (chosen !== undefined && chosen !== '') return chosen;
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Stillroom');
  if (platform === 'win32')
    return join(environment['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Stillroom');
  const shared = environment['XDG_DATA_HOME'];
  return join(shared === undefined || shared === '' ? join(home, '.local', 'share') : shared, 'stillroom');
}

/** The run's folder: `checkpoints/`, its samples and `run.json` lie in it. */
export function runFolder(data: string, runId: string): string {
  return join(data, 'runs', runId);
}
