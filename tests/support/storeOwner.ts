/** A process that tries to own a data folder: says `owner` and stays, or says the error's code and ends. */

import { writeSync } from 'node:fs';
import { StudioError } from '../../engine/contract/errors.ts';
import { openStore } from '../../electron/store/database.ts';
import { createProject } from '../../electron/store/projects.ts';

const [data = ''] = process.argv.slice(2);
try {
  const store = await openStore(data);
  await createProject(store, 'From the owner');
  writeSync(1, 'owner\n');
  setInterval(() => undefined, 60_000);
} catch (error) {
  writeSync(1, `${error instanceof StudioError ? error.code : String(error)}\n`);
}
