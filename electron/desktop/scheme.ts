/** The app's own secure scheme: its pages and pictures, and nothing else of the computer. */
import { protocol } from 'electron';
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Host } from '../host.ts';
import { pageTypes, securityHeaders } from '../lab/pages.ts';

const scheme = 'stillroom';
export const appOrigin = `${scheme}://app`;
export const appPage = `${appOrigin}/`;

/** Before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** @param folder the built renderer */
export function serveScheme(folder: string, host: Pick<Host, 'media'>): void {
  protocol.handle(scheme, (request) => answer(request, folder, host));
}

/** 403 for another method or host, 404 for what is no page and no picture of ours. */
async function answer(
  { method, url }: Pick<Request, 'method' | 'url'>,
  folder: string,
  host: Pick<Host, 'media'>,
): Promise<Response> {
  const headers = { ...securityHeaders(), 'Cache-Control': 'no-store' };
  const { protocol: asked, host: name, pathname } = new URL(url);
  if (method !== 'GET' || asked !== `${scheme}:` || name !== 'app')
    return new Response(null, { status: 403, headers });
  const [, mediaId] = /^\/media\/(.+)$/.exec(pathname) ?? [];
  const found = mediaId === undefined ? await findPage(folder, pathname) : await host.media(mediaId);
  if (!found) return new Response(null, { status: 404, headers });
  const bytes = new Uint8Array(await readFile(found.file));
  return new Response(bytes, { headers: { ...headers, 'Content-Type': found.type } });
}

/** The page's file below the folder, also after links are followed. */
export async function findPage(
  folder: string,
  pathname: string,
): Promise<{ readonly file: string; readonly type: string } | undefined> {
  try {
    const root = await realpath(folder);
    const inside = (file: string) => file.startsWith(root + path.sep);
    const name = pathname === '/' ? 'index.html' : decodeURIComponent(pathname).slice(1);
    const type = pageTypes[path.extname(name)];
    const asked = path.resolve(root, name);
    if (type === undefined || !inside(asked)) return undefined;
    const file = await realpath(asked);
    return inside(file) ? { file, type } : undefined;
  } catch {
    return undefined;
  }
}
