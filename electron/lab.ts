/** `npm run lab`: the studio in a browser, on this computer alone; prints the link that lets one in. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { StudioError } from '../engine/contract/errors.ts';
import { openHost } from './host.ts';
import { readPages } from './lab/pages.ts';
import { startLabServer } from './lab/server.ts';
import { dataFolder } from './store/dataFolder.ts';

const root = path.join(import.meta.dirname, '..');

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '7878' }, data: { type: 'string' } },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new StudioError('input-invalid', '--port must be a whole number up to 65535.');
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')));
  const folder = values.data === undefined ? dataFolder() : path.resolve(values.data);
  const pages = await readPages(path.join(root, 'dist/renderer'));
  const host = await openHost({ host: 'lab', version, dataFolder: folder });
  const lab = await startLabServer(host, pages, port).catch(async (cause: unknown) => {
    await host.close();
    throw new StudioError('busy', `Port ${port} cannot be used.`, 'Choose another with --port.', { cause });
  });
  const [, tunnelPort = ''] = lab.authority.split(':');
  process.stdout.write(
    `The studio is at\n\n  ${lab.link}\n\n` +
      `The link is the key: whoever has it has the studio, until it ends. From another computer, first run\n` +
      `  ssh -L ${tunnelPort}:${lab.authority} <this computer>\nand then open the same link. Ctrl-C pauses and ends.\n`,
  );
  let ending = false;
  const end = () => {
    if (ending) process.exit(1);
    ending = true;
    process.stdout.write('Saving and ending…\n');
    void lab
      .close()
      .then(() => host.close())
      .then(() => process.exit(0));
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof StudioError)) throw error;
  process.stderr.write(`${error.message} ${error.hint}\n`);
  process.exitCode = 2;
}
