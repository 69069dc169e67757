/**
 * Uploads: `PUT <token>/uploads/<uuid>/<relative path>` is one file, `DELETE <token>/uploads/<uuid>` takes all back. What
 * may be written is for `uploads.ts` to say.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { StudioError } from '../../engine/contract/errors.ts';
import { hasCode } from '../../engine/training/fileSystem.ts';
import { toFailure } from '../bridge/frames.ts';
import type { Uploads } from '../uploads.ts';

const route = /^uploads\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/(.+))?$/;

/** @param path percent-encoded. Answers 204, or 4xx and 5xx with a failure as JSON. */
export async function receiveUpload(
  uploads: Pick<Uploads, 'receive' | 'discard'>,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const [, id, encoded] = route.exec(path) ?? [];
  const isFile = encoded !== undefined;
  if (id === undefined || isFile !== (request.method === 'PUT'))
    return void response.writeHead(404, headers).end();
  try {
    if (isFile) await uploads.receive(id, decoded(encoded), request);
    else await uploads.discard(id);
    response.writeHead(204, headers).end();
  } catch (error) {
    // Its sender left or took it back: nobody is there to be told.
    if (hasCode(error, 'ECONNRESET')) return;
    if (!(error instanceof StudioError)) throw error;
    const status = error.code === 'disk-full' ? 507 : error.code === 'busy' ? 429 : 422;
    // The rest of a refused file is not read, so its connection cannot be used again.
    response.writeHead(status, { ...headers, 'Content-Type': 'application/json', Connection: 'close' });
    response.end(JSON.stringify(toFailure(error)));
  }
}

function decoded(encoded: string): string {
  try {
    // Piece by piece, so that an encoded slash stays within a name, where it is refused.
    return encoded
      .split('/')
      .map((part) => decodeURIComponent(part).replaceAll('/', '\\'))
      .join('/');
  } catch (cause) {
    throw new StudioError('input-invalid', 'A file has a name that cannot be read.', 'Rename it.', { cause });
  }
}
