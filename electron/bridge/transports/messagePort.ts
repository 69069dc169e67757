/** A bridge over a MessagePort: a window's own on one end; Electron's MessagePortMain goes through `channel.ts`. */
import type { Transport } from '../transport.ts';

export interface PortLike {
  postMessage(text: string): void;
  start(): void;
  close(): void;
  addEventListener(type: 'message' | 'close', listener: (event: object) => void): void;
}

/** The port starts with the listener, so that no text is lost. */
export function messagePortTransport(port: PortLike): Transport {
  const closed = new AbortController();
  // Not every browser tells that the other side is gone; then only our own `close` does.
  port.addEventListener('close', () => closed.abort());
  return {
    send: (text) => port.postMessage(text),
    onText(listener) {
      port.addEventListener('message', (event) => {
        if ('data' in event && typeof event.data === 'string') listener(event.data);
      });
      port.start();
    },
    onClose: (listener) => closed.signal.addEventListener('abort', () => listener(), { once: true }),
    close() {
      port.close();
      closed.abort();
    },
    waitingBytes: () => 0,
  };
}
