/** What a bridge runs over: texts in order, both ways, until one side closes. Knows no platform. */

export interface Transport {
  send(text: string): void;
  /** Set once, before the first text can come. */
  onText(listener: (text: string) => void): void;
  /** Called once, whoever closed. */
  onClose(listener: () => void): void;
  close(): void;
  /** Bytes that were sent and have not left yet; 0 where that cannot be known. */
  waitingBytes(): number;
}
