/** The lab lets in its own link and nothing else: hosts × origins × tokens × routes, and every other method. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Page } from '../../../electron/lab/pages.ts';
import { startLabServer, type LabServer } from '../../../electron/lab/server.ts';
import { Uploads } from '../../../electron/uploads.ts';

const pages = new Map<string, Page>([
  ['', { bytes: Buffer.from('<!doctype html>'), type: 'text/html; charset=utf-8' }],
  ['assets/index-1234.js', { bytes: Buffer.from('1'), type: 'text/javascript; charset=utf-8' }],
]);
const mediaId = 'samples/018f2f3e-0000-7000-8000-000000000000';
const routes = ['', 'assets/index-1234.js', `media/${mediaId}`, 'bridge'];

let folder = '';
let lab: LabServer;
let port = '';
let token = '';
let accepted = 0;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stillroom-media-'));
  const file = path.join(folder, 'picture.png');
  await writeFile(file, 'a picture');
  const host = {
    accept: () => {
      accepted++;
    },
    media: (id: string) => Promise.resolve(id === mediaId ? { file, type: 'image/png' } : undefined),
    uploads: await Uploads.open(folder),
  };
  lab = await startLabServer(host, pages, 0);
  port = lab.authority.split(':')[1] ?? '';
  token = new URL(lab.link).pathname.split('/')[1] ?? '';
});

afterAll(async () => {
  await lab.close();
  await rm(folder, { recursive: true });
});

interface Attempt {
  readonly host?: string;
  readonly origin?: string | undefined;
  readonly path: string;
  readonly method?: string;
}

/** The answer's status, and its headers. */
function get({ host = lab.authority, origin, path, method = 'GET' }: Attempt) {
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>(
    (resolve, reject) => {
      const headers = { host, ...(origin !== undefined && { origin }) };
      request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => (text += piece));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      })
        .on('error', reject)
        .end();
    },
  );
}

/** The status of an upload, or of taking it back. */
function put(
  { host = lab.authority, origin, path, method = 'PUT' }: Attempt,
  content: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { host, ...(origin !== undefined && { origin }) };
    request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    })
      .on('error', reject)
      .end(content);
  });
}

/** 101 where the socket was opened, else the refusal's status. */
function openSocket({ host = lab.authority, origin, path }: Attempt): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
      headers: { host },
      ...(origin !== undefined && { origin }),
    });
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('open', () => {
      resolve(101);
      socket.terminate();
    });
  });
}

it('refuses all combinations but the right one', async () => {
  const right = { host: lab.authority, origin: `http://${lab.authority}`, token };
  const hosts = [
    right.host,
    `localhost:${port}`,
    '127.0.0.1',
    `127.0.0.1:${Number(port) + 1}`,
    `evil.example:${port}`,
    `${right.host}.evil.example`,
    `[::1]:${port}`,
  ];
  const origins = [right.origin, undefined, 'null', 'http://evil.example', `https://${right.host}`];
  const tokens = [token, '', `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`];
  const admitted: string[] = [];
  for (const host of hosts) {
    for (const origin of origins) {
      for (const given of tokens) {
        for (const route of routes) {
          const attempt = { host, origin, path: `/${given}/${route}` };
          const isSocket = route === 'bridge';
          const status = isSocket ? await openSocket(attempt) : (await get(attempt)).status;
          if (status !== 403) admitted.push([host, String(origin), given === token, route, status].join(' '));
        }
      }
    }
  }
  // A page's own reads have no Origin; a WebSocket without one comes from no browser and is refused.
  expect(admitted).toEqual([
    ...routes.map((route) => `${right.host} ${right.origin} true ${route} ${route === 'bridge' ? 101 : 200}`),
    ...routes.slice(0, 3).map((route) => `${right.host} undefined true ${route} 200`),
  ]);
  expect(accepted).toBe(1);
}, 30_000);

it('takes an upload with the right host, origin and token only, and only to where uploads go', async () => {
  const right = { host: lab.authority, origin: `http://${lab.authority}`, token };
  const upload = 'uploads/018f2f3e-0000-7000-8000-00000000000a';
  const attempts = [
    ...[`localhost:${port}`, `evil.example:${port}`, '127.0.0.1'].map((host) => ({ ...right, host })),
    ...[undefined, 'null', 'http://evil.example', `https://${lab.authority}`].map((origin) => ({
      ...right,
      origin,
    })),
    ...['', 'x', token.slice(1)].map((given) => ({ ...right, token: given })),
  ];
  for (const { host, origin, token: given } of attempts)
    for (const method of ['PUT', 'DELETE'])
      expect(await put({ host, origin, path: `/${given}/${upload}/a.png`, method }, '')).toBe(403);
  const { origin } = right;
  const to = (route: string) => put({ origin, path: `/${token}/${route}` }, 'x');
  for (const route of ['', 'bridge', `media/${mediaId}`, 'uploads/x/a.png', upload, `${upload}/`])
    expect(await to(route)).toBe(404);
  for (const name of ['../a', '..%2fa', '%2e%2e/a', 'a/../../b', 'a%5cb', '%00', 'c:a', '%', 'CON', 'a./b'])
    expect([name, await to(`${upload}/${name}`)]).toEqual([name, 422]);
  expect(await readdir(folder)).toEqual(['picture.png']);
  expect(await to(`${upload}/birds/red%20one.png`)).toBe(204);
  expect(await readFile(path.join(folder, upload, 'birds/red one.png'), 'utf8')).toBe('x');
  // Never over a file that is there.
  expect(await put({ origin, path: `/${token}/${upload}/birds/red%20one.png` }, 'other')).toBe(422);
  expect(await readFile(path.join(folder, upload, 'birds/red one.png'), 'utf8')).toBe('x');
  // Taken back as a whole or not at all.
  const takeBack = (route: string) => put({ origin, path: `/${token}/${route}`, method: 'DELETE' }, '');
  for (const route of ['', 'uploads', 'uploads/x', `${upload}/birds`, `${upload}/`, `media/${mediaId}`])
    expect(await takeBack(route)).toBe(404);
  expect(await takeBack(upload)).toBe(204);
  expect(await readdir(path.join(folder, 'uploads'))).toEqual([]);
  // More have begun and were taken back than may be under way at once.
  for (let turn = 0; turn < 20; turn++) {
    const other = upload.replace(/..$/, String(10 + turn));
    expect(await to(`${other}/a.png`)).toBe(204);
    expect(await takeBack(other)).toBe(204);
  }
});

it('refuses every other method, and a socket at any other path', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE'])
    expect((await get({ path: `/${token}/`, method })).status).toBe(403);
  const origin = `http://${lab.authority}`;
  for (const route of ['', 'media', 'bridge/', 'bridge/x'])
    expect(await openSocket({ origin, path: `/${token}/${route}` })).toBe(403);
});

it('gives nothing but its pages and pictures', async () => {
  for (const route of [
    'index.html',
    '../package.json',
    '%2e%2e/x',
    'assets/',
    'media/',
    'media/samples',
    'media/../x',
  ])
    expect((await get({ path: `/${token}/${route}` })).status).toBe(404);
  expect(await get({ path: `/${token}/media/${mediaId}` })).toMatchObject({
    text: 'a picture',
    headers: { 'content-type': 'image/png', 'x-content-type-options': 'nosniff' },
  });
});

it('fences every answer in, refusals too', async () => {
  for (const path of [`/${token}/`, '/', `/${token}/none`]) {
    const { headers } = await get({ path });
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none';/);
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});

it('has another token of 256 bits at each launch', async () => {
  const other = await startLabServer(
    { accept: () => undefined, media: () => Promise.resolve(undefined), uploads: await Uploads.open(folder) },
    pages,
    0,
  );
  const [, otherToken = ''] = new URL(other.link).pathname.split('/');
  expect(otherToken).not.toBe(token);
  expect(Buffer.from(otherToken, 'base64url')).toHaveLength(32);
  await other.close();
});
