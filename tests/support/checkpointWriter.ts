/** A process that saves checkpoints until it is killed and says each step once it is committed. */

import { writeSync } from 'node:fs';
import { writeCheckpoint } from '../../engine/training/checkpoint.ts';
import { newestVerified, pruneCheckpoints } from '../../engine/training/checkpointFolder.ts';
import { diskFileSystem } from '../../engine/training/fileSystem.ts';
import { contentsOf } from './checkpointContents.ts';
import { watchedDisk } from './faultyDisk.ts';

const [runFolder = '', size = '8', killAt = 'never'] = process.argv.slice(2);
const files = watchedDisk(diskFileSystem, (_, index) => {
  if (index === Number(killAt)) process.kill(process.pid, 'SIGKILL');
});
const { checkpoint } = await newestVerified(runFolder);
for (let step = (checkpoint?.step ?? 0) + 1; ; step += 1) {
  await writeCheckpoint(runFolder, contentsOf(step, Number(size)), files);
  writeSync(1, `${step}\n`);
  await pruneCheckpoints(runFolder, {}, files);
}
