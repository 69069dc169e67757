/** Processes of ours: how the host starts one, and how that one finds the channel to its host. */
import { fork } from 'node:child_process';
import path from 'node:path';
import type { Channel } from './bridge/transports/channel.ts';

export interface Child {
  readonly channel: Channel;
  kill(): void;
}

/** The processes' modules, beside this one. */
export type ProcessModule = 'engineProcess.ts' | 'readerProcess.ts';

/** Starts the process; Electron gives another one that makes a utility process. */
export type StartChild = (module: ProcessModule) => Child;

/** A child process of Node, for the lab. */
export function forkChild(module: ProcessModule): Child {
  const child = fork(path.join(import.meta.dirname, module), { stdio: ['ignore', 2, 2, 'ipc'] });
  return {
    channel: {
      post: (text) => {
        // A child that died between two texts is noticed by its end.
        if (child.connected) child.send(text, () => undefined);
      },
      onMessage: (listener) => child.on('message', listener),
      onEnd: (listener) => child.once('exit', listener),
      end: () => child.kill('SIGKILL'),
    },
    kill: () => child.kill('SIGKILL'),
  };
}

/** Electron's utility processes have a port to their parent, Node's child processes a channel. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

export function parentChannel(): Channel {
  const port = (process as { parentPort?: ParentPort }).parentPort;
  if (port)
    return {
      post: (text) => port.postMessage(text),
      onMessage: (listener) => port.on('message', ({ data }) => listener(data)),
      onEnd: () => undefined,
      end: () => process.exit(0),
    };
  return {
    post: (text) => process.send?.(text),
    onMessage: (listener) => process.on('message', listener),
    onEnd: (listener) => process.on('disconnect', listener),
    end: () => process.exit(0),
  };
}
