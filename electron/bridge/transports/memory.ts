/** Two ends within one process, for tests. Texts arrive in order, in a later microtask, as over a wire. */
import type { Transport } from '../transport.ts';

class MemoryEnd implements Transport {
  private peer: MemoryEnd | undefined;
  private readonly textListeners: ((text: string) => void)[] = [];
  private readonly closeListeners: (() => void)[] = [];
  private isOpen = true;

  static pair(): [MemoryEnd, MemoryEnd] {
    const [a, b] = [new MemoryEnd(), new MemoryEnd()];
    a.peer = b;
    b.peer = a;
    return [a, b];
  }

  send(text: string): void {
    const { peer } = this;
    if (!this.isOpen || !peer) return;
    queueMicrotask(() => {
      for (const listener of peer.textListeners) listener(text);
    });
  }

  onText(listener: (text: string) => void): void {
    this.textListeners.push(listener);
  }

  onClose(listener: () => void): void {
    this.closeListeners.push(listener);
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    for (const listener of this.closeListeners) listener();
    this.peer?.close();
  }

  waitingBytes(): number {
    return 0;
  }
}

export function memoryTransports(): [Transport, Transport] {
  return MemoryEnd.pair();
}
