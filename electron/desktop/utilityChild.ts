/** The engine's and the readers' processes as Electron's utility processes. */
import { utilityProcess } from 'electron';
import { constants, setPriority } from 'node:os';
import path from 'node:path';
import type { Child, ProcessModule } from '../childProcess.ts';

export function utilityChild(module: ProcessModule): Child {
  const child = utilityProcess.fork(path.join(import.meta.dirname, '..', module), [], {
    serviceName: `Stillroom ${path.parse(module).name}`,
    stdio: 'inherit',
  });
  // The windows come before the training. Threads that compute do not exist yet, and inherit it.
  child.once('spawn', () => {
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  });
  const kill = () => void child.kill();
  return {
    channel: {
      post: (text) => child.postMessage(text),
      onMessage: (listener) => child.on('message', listener),
      onEnd: (listener) => child.once('exit', () => listener()),
      end: kill,
    },
    kill,
  };
}
