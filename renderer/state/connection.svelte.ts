/** The window's end of the bridge: opened once, tried again when it was lost. Knows which host it speaks to. */
import { connect, type Client } from '../../electron/bridge/connect.ts';
import { desktopTransport, type DesktopBridge } from '../../electron/bridge/desktopBridge.ts';
import type { Transport } from '../../electron/bridge/transport.ts';
import { webSocketTransport } from '../../electron/bridge/transports/webSocket.ts';
import { studioContract, type StudioContract } from '../../engine/contract/messages.ts';

declare global {
  interface Window {
    /** Absent in a browser. */
    readonly stillroom?: DesktopBridge;
  }
}

const RETRY_AFTER = [250, 500, 1000, 2000, 4000];

export class Connection {
  readonly client: Client<StudioContract> = connect(studioContract);
  status = $state<'connecting' | 'open' | 'lost'>('connecting');
  private readonly open: () => Promise<Transport>;
  private readonly reopened: (() => void)[] = [];

  constructor(open: () => Promise<Transport> = openTransport) {
    this.open = open;
  }

  /** Resolves when the first connection is open; later ones follow by themselves. */
  async start(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        const transport = await this.open();
        this.client.attach(transport);
        transport.onClose(() => void this.again());
        this.status = 'open';
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER[Math.min(attempt, 4)]));
      }
    }
  }

  /** Called when the host was away: what it told meanwhile must be asked for again. */
  onReopen(listener: () => void): void {
    this.reopened.push(listener);
  }

  private async again(): Promise<void> {
    this.status = 'lost';
    await this.start();
    for (const listener of this.reopened) listener();
  }
}

/** The address of a picture by its opaque id, relative to the page, so that it carries the page's token. */
export const mediaUrl = (mediaId: string): string => `media/${mediaId}`;

async function openTransport(): Promise<Transport> {
  if (window.stillroom) return desktopTransport(window.stillroom);
  const { host, pathname } = window.location;
  const socket = new WebSocket(`ws://${host}${pathname}bridge`);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('close', () => reject(new Error('The host cannot be reached.')), { once: true });
  });
  return webSocketTransport(socket);
}
