/** Where Stillroom keeps what it can fetch or compute again; never inside the checkout or a project. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder of everything cached: `STILLROOM_CACHE` itself when set, otherwise `stillroom` in the platform's
 * cache folder (`XDG_CACHE_HOME` or `~/.cache`; `~/Library/Caches`; `%LOCALAPPDATA%`).
 */
export function cacheFolder(): string {
  const chosen = process.env['STILLROOM_CACHE'];
  if (chosen) return chosen;
  return join(platformCacheFolder(), 'stillroom');
}

/** The folder with one sub-folder per finished native engine. */
export function enginesFolder(): string {
  return join(cacheFolder(), 'engines');
}

function platformCacheFolder(): string {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  if (process.platform === 'win32') return LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  return XDG_CACHE_HOME ? XDG_CACHE_HOME : join(homedir(), '.cache');
}
