/** Loaded before a child process of Node: gives it the port to its parent that Electron's utility processes have. */
import { EventEmitter } from 'node:events';

const port = Object.assign(new EventEmitter(), {
  // A parent that died is noticed by the end of the channel.
  postMessage: (message: unknown) => process.send?.(message, () => undefined),
});
process.on('message', (data) => port.emit('message', { data }));
// Electron ends its utility processes with itself.
process.on('disconnect', () => process.exit(0));
Object.assign(process, { parentPort: port });
