/** Who may talk to the lab: only who has the token, and only by the address that was printed. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const newToken = (): string => randomBytes(32).toString('base64url');

/** A request that was let in: what it asks for behind the token, e.g. `media/samples/…`, still percent-encoded. */
export interface Admitted {
  readonly path: string;
}

/**
 * The token is the first part of each path, so that pages, pictures and the WebSocket carry it alike and no cookie
 * is sent to other programs on this computer's ports. Anything not right is refused in the same way.
 *
 * @param authority `127.0.0.1:<port>`
 */
export function admit(
  { method, url = '', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  { authority, token }: { readonly authority: string; readonly token: string },
  kind: 'page' | 'socket' | 'upload',
): Admitted | undefined {
  const methods = kind === 'upload' ? ['PUT', 'DELETE'] : ['GET'];
  if (!methods.includes(method ?? '') || headers.host !== authority) return undefined;
  // A page's own reads carry no Origin; every WebSocket and every upload of a browser does.
  const { origin } = headers;
  if (origin === undefined ? kind !== 'page' : origin !== `http://${authority}`) return undefined;
  const [given = '', ...rest] = (url.split('?')[0] ?? '').slice(1).split('/');
  return isSame(given, token) ? { path: rest.join('/') } : undefined;
}

/** Compares hashes, so that neither content nor length is given away by the time it takes. */
function isSame(given: string, wanted: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(wanted));
}
