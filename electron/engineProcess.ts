/** The process that trains and samples: started by the host, serves the engine's contract over the parent's channel. */
import { channelTransport } from './bridge/transports/channel.ts';
import { serve } from './bridge/serve.ts';
import { parentChannel } from './childProcess.ts';
import { Engine } from './engineProcess/engine.ts';
import { engineContract } from './engineProcess/messages.ts';

const HEARTBEAT_EVERY = 1000;

const channel = parentChannel();
// Without the host nobody keeps the records: what was saved is on disk.
channel.onEnd(() => process.exit(0));
// Ctrl-C reaches the whole terminal group; the host pauses the training and ends this process.
process.on('SIGINT', () => undefined);

const engine = new Engine((name, payload) => server.emit(name, payload));
const server = serve(engineContract, engine.handlers, {
  onFault: (name, error) => console.error(`${name}:`, error),
});
server.accept(channelTransport(channel));
setInterval(
  () => server.emit('engine.heartbeat', { residentBytes: process.memoryUsage.rss() }),
  HEARTBEAT_EVERY,
);
