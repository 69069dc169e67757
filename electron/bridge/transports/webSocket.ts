/** A bridge over a WebSocket: a browser's own on one end, one of the `ws` package on the other. */
import type { Transport } from '../transport.ts';

/** What both kinds of WebSocket have. */
export interface SocketLike {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(text: string): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
}

const OPEN = 1;

/** The socket must be open already. */
export function webSocketTransport(socket: SocketLike): Transport {
  return {
    send(text) {
      if (socket.readyState === OPEN) socket.send(text);
    },
    onText(listener) {
      socket.addEventListener('message', ({ data }) => {
        if (typeof data === 'string') listener(data);
      });
    },
    onClose: (listener) => socket.addEventListener('close', listener),
    close: () => socket.close(),
    waitingBytes: () => socket.bufferedAmount,
  };
}
