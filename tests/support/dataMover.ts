/** A process that moves a data folder: says `moving`, then `moved`. */
import { writeSync } from 'node:fs';
import { moveData } from '../../electron/features/moveData.ts';
import { openStore } from '../../electron/store/database.ts';

const [data = '', chosen = '', proposed = ''] = process.argv.slice(2);
const store = await openStore(data);
writeSync(1, 'moving\n');
await moveData(store, chosen, { proposed });
writeSync(1, 'moved\n');
await store.close();
