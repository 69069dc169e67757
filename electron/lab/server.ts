/** The studio over HTTP and a WebSocket on this computer's own address, for a browser here or through a tunnel. */
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { textCaps } from '../bridge/frames.ts';
import { webSocketTransport } from '../bridge/transports/webSocket.ts';
import type { Host } from '../host.ts';
import { admit, newToken } from './admission.ts';
import { securityHeaders, type Page } from './pages.ts';
import { receiveUpload } from './upload.ts';

export interface LabServer {
  /** With the token: whoever has it has the studio. */
  readonly link: string;
  readonly authority: string;
  close(): Promise<void>;
}

const address = '127.0.0.1';

/** @param port 0 for any free one. */
export async function startLabServer(
  host: Pick<Host, 'accept' | 'media' | 'uploads'>,
  pages: ReadonlyMap<string, Page>,
  port: number,
): Promise<LabServer> {
  const token = newToken();
  let authority = '';
  const sockets = new WebSocketServer({ noServer: true, maxPayload: textCaps.toHost });

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const headers = securityHeaders(authority);
    const isUpload = request.method === 'PUT' || request.method === 'DELETE';
    const admitted = admit(request, { authority, token }, isUpload ? 'upload' : 'page');
    if (!admitted) return void response.writeHead(403, headers).end();
    if (isUpload) return receiveUpload(host.uploads, admitted.path, request, response, headers);
    const page = pages.get(admitted.path);
    if (page) {
      // Built names carry a hash of their content.
      const cache = admitted.path.startsWith('assets/') ? 'private, max-age=31536000, immutable' : 'no-store';
      response.writeHead(200, { ...headers, 'Content-Type': page.type, 'Cache-Control': cache });
      return void response.end(page.bytes);
    }
    const [, mediaId] = /^media\/(.+)$/.exec(admitted.path) ?? [];
    const media = mediaId === undefined ? undefined : await host.media(mediaId);
    if (!media) return void response.writeHead(404, headers).end();
    response.writeHead(200, {
      ...headers,
      'Content-Type': media.type,
      'Cache-Control': 'private, immutable',
    });
    createReadStream(media.file)
      .on('error', () => response.destroy())
      .pipe(response);
  };

  const http = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error(`${request.method ?? ''} of a page:`, error);
      response.destroy();
    });
  });
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const admitted = admit(request, { authority, token }, 'socket');
    if (admitted?.path !== 'bridge') {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      // A faulty text closes its socket; without a listener it would end this process.
      webSocket.on('error', () => webSocket.terminate());
      host.accept(webSocketTransport(webSocket));
    });
  });

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, address, resolve);
  });
  const bound = http.address();
  if (bound === null || typeof bound === 'string') throw new Error('The lab has no port.');
  authority = `${address}:${bound.port}`;
  return {
    link: `http://${authority}/${token}/`,
    authority,
    async close() {
      for (const client of sockets.clients) client.terminate();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}
