/** Where things that can be made again are kept, per user. Not for projects, runs or settings. */
import os from 'node:os';
import path from 'node:path';

/** `STILLROOM_CACHE` if set, else the platform's per-user cache folder; it may not exist yet. */
export function cacheFolder(
  environment: NodeJS.ProcessEnv = process.env,
  platform = process.platform,
): string {
  if (environment['STILLROOM_CACHE']) return path.resolve(environment['STILLROOM_CACHE']);
  const home = os.homedir();
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'stillroom');
  if (platform === 'win32') {
    return path.join(
      environment['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'),
      'stillroom',
      'cache',
    );
  }
  // The XDG specification asks that relative paths be ignored.
  const xdg = environment['XDG_CACHE_HOME'];
  return path.join(xdg && path.isAbsolute(xdg) ? xdg : path.join(home, '.cache'), 'stillroom');
}
