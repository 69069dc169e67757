/** A process that reads one set of strangers' pictures: what a hostile file breaks is this and nothing else. */
import { serve } from './bridge/serve.ts';
import { channelTransport } from './bridge/transports/channel.ts';
import { parentChannel } from './childProcess.ts';
import { inspect } from './reader/inspect.ts';
import { readerContract } from './reader/messages.ts';

const channel = parentChannel();
channel.onEnd(() => process.exit(0));
process.on('SIGINT', () => undefined);

serve(
  readerContract,
  { reader: { inspect } },
  { onFault: (name, error) => console.error(`${name}:`, error) },
).accept(channelTransport(channel));
