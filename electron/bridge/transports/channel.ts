/** A bridge over anything that emits messages: a child process, its parent, a utility process. */
import type { Transport } from '../transport.ts';

export interface Channel {
  readonly post: (text: string) => void;
  /** Hears every message; what is no text is passed over. */
  readonly onMessage: (listener: (message: unknown) => void) => void;
  readonly onEnd: (listener: () => void) => void;
  readonly end: () => void;
}

export function channelTransport({ post, onMessage, onEnd, end }: Channel): Transport {
  let isOpen = true;
  onEnd(() => (isOpen = false));
  return {
    send(text) {
      if (isOpen) post(text);
    },
    onText: (listener) =>
      onMessage((message) => {
        if (typeof message === 'string') listener(message);
      }),
    onClose: onEnd,
    close: end,
    waitingBytes: () => 0,
  };
}
