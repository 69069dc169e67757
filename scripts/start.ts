/** `npm start`: the desktop app, or the lab mode in a browser where Electron's binary is not here and cannot be got. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const electron = path.join(root, 'node_modules/electron');
/** Its download may take this long. */
const PATIENCE = 15 * 60_000;

/** Electron's own installer downloads the binary once; undefined where that fails. */
function findElectron(): string | undefined {
  const { ELECTRON_OVERRIDE_DIST_PATH: dist = path.join(electron, 'dist') } = process.env;
  const read = () => {
    const name = path.join(electron, 'path.txt');
    const binary = path.join(dist, existsSync(name) ? readFileSync(name, 'utf8') : 'electron');
    return existsSync(binary) ? binary : undefined;
  };
  const found = read();
  if (found !== undefined) return found;
  process.stdout.write('Electron is downloaded once…\n');
  const { status } = spawnSync(process.execPath, [path.join(electron, 'install.js')], {
    stdio: 'ignore',
    timeout: PATIENCE,
  });
  return status === 0 ? read() : undefined;
}

const binary = findElectron();
if (binary === undefined)
  process.stdout.write(
    'Electron’s binary is not here and could not be downloaded, so the studio opens in a browser instead.\n',
  );
const child =
  binary === undefined
    ? spawn(process.execPath, [path.join(root, 'electron/lab.ts'), ...process.argv.slice(2)], {
        stdio: 'inherit',
      })
    : spawn(binary, [root, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => (process.exitCode = code ?? 1));
