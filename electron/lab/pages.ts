/** The built renderer's files as the lab serves them, and the headers that fence each answer in. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';

export interface Page {
  readonly bytes: Buffer;
  readonly type: string;
}

/** By the ending of a file's name; others are not served. */
export const pageTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** Every file of the built renderer by its path; all are read at start, so that no request opens a file. */
export async function readPages(folder: string): Promise<ReadonlyMap<string, Page>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new StudioError('not-found', 'The studio is not built.', 'Run `npm run build` first.', { cause });
  });
  const pages = new Map<string, Page>();
  for (const entry of entries) {
    const type = pageTypes[path.extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(folder, file).split(path.sep).join('/');
    pages.set(name === 'index.html' ? '' : name, { bytes: await readFile(file), type });
  }
  return pages;
}

/** What a page may load and do: only itself, and connect to what is named. */
function contentSecurityPolicy(connect: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** @param authority of the lab, to which its pages open a WebSocket; the desktop's pages connect to nothing else */
export function securityHeaders(authority?: string): Record<string, string> {
  const connect = authority === undefined ? "'self'" : `'self' ws://${authority}`;
  return {
    'Content-Security-Policy': contentSecurityPolicy(connect),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
  };
}
