/** Both ends of a bridge over every transport: answers, errors, events, and texts that mean harm. */
import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { Handlers } from '../../../electron/bridge/api.ts';
import { connect } from '../../../electron/bridge/connect.ts';
import { textCaps } from '../../../electron/bridge/frames.ts';
import { serve } from '../../../electron/bridge/serve.ts';
import type { Transport } from '../../../electron/bridge/transport.ts';
import { channelTransport } from '../../../electron/bridge/transports/channel.ts';
import { memoryTransports } from '../../../electron/bridge/transports/memory.ts';
import { webSocketTransport } from '../../../electron/bridge/transports/webSocket.ts';
import { StudioError } from '../../../engine/contract/errors.ts';
import { event, nothing, request } from '../../../engine/contract/messages/define.ts';
import { studioContract } from '../../../engine/contract/messages.ts';

const contract = {
  requests: {
    sums: {
      add: request(z.strictObject({ a: z.number(), b: z.number() }), z.number()),
      fail: request(z.strictObject({ how: z.enum(['told', 'untold', 'misshapen']) }), z.number()),
      wait: request(nothing, nothing),
      long: request(z.strictObject({ text: z.string() }), z.string()),
    },
  },
  events: {
    sums: {
      told: event(z.strictObject({ key: z.string(), values: z.array(z.number()) }), {
        keyOf: ({ key }) => key,
        merge: (waiting, next) => ({ ...next, values: [...waiting.values, ...next.values] }),
      }),
    },
  },
};

let aborted = 0;
let handled = 0;
const handlers: Handlers<typeof contract.requests> = {
  sums: {
    add: ({ a, b }) => {
      handled++;
      return a + b;
    },
    fail({ how }) {
      if (how === 'untold') throw new TypeError('a fault');
      if (how === 'misshapen') return Number.NaN;
      throw new StudioError('busy', 'It is busy.', 'Wait.', { field: 'a.b' });
    },
    wait: (_input, { signal, progress }) =>
      new Promise((resolve) => {
        progress(1, 2);
        signal.addEventListener('abort', () => {
          aborted++;
          resolve({});
        });
      }),
    long: ({ text }) => text.repeat(100),
  },
};

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function webSockets(): Promise<[Transport, Transport]> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const accepted = once(server, 'connection') as Promise<[WebSocket]>;
  const client = new WebSocket(`ws://127.0.0.1:${port ?? 0}`);
  const [socket] = await accepted;
  await once(client, 'open');
  closers.push(() => server.close());
  return [webSocketTransport(client), webSocketTransport(socket)];
}

function channels(): [Transport, Transport] {
  const overPort = (port: MessagePort) =>
    channelTransport({
      post: (text) => port.postMessage(text),
      onMessage: (listener) => port.on('message', listener),
      onEnd: (listener) => port.once('close', listener),
      end: () => port.close(),
    });
  const { port1, port2 } = new MessageChannel();
  return [overPort(port1), overPort(port2)];
}

const transports = { memory: memoryTransports, webSocket: webSockets, channel: channels };

describe.each(Object.keys(transports) as (keyof typeof transports)[])('over %s', (name) => {
  async function open() {
    const [ours, theirs] = await transports[name]();
    const faults: string[] = [];
    const server = serve(contract, handlers, { tellEvery: 5, onFault: (where) => faults.push(where) });
    server.accept(theirs);
    const client = connect(contract, ours);
    closers.push(() => client.close());
    return { client, server, faults, ours, theirs };
  }

  it('answers, each call its own answer', async () => {
    const { client } = await open();
    const sums = await Promise.all([1, 2, 3].map((a) => client.api.sums.add({ a, b: 10 })));
    expect(sums).toEqual([11, 12, 13]);
  });

  it('carries errors as code, message, hint and field', async () => {
    const { client, faults } = await open();
    await expect(client.api.sums.fail({ how: 'told' })).rejects.toMatchObject({
      ...{ code: 'busy', message: 'It is busy.', hint: 'Wait.', field: 'a.b' },
    });
    expect(faults).toEqual([]);
    await expect(client.api.sums.fail({ how: 'untold' })).rejects.toMatchObject({
      code: 'internal',
      message: 'a fault',
    });
    await expect(client.api.sums.fail({ how: 'misshapen' })).rejects.toMatchObject({ code: 'internal' });
    expect(faults).toEqual(['sums.fail', 'sums.fail']);
  });

  it('tells who subscribed, joined by key, and nobody else', async () => {
    const { client, server } = await open();
    const heard: unknown[] = [];
    server.emit('sums.told', { key: 'a', values: [0] });
    const stop = client.on('sums.told', (payload) => heard.push(payload));
    await client.api.sums.add({ a: 1, b: 1 });
    for (let i = 1; i <= 1000; i++) server.emit('sums.told', { key: i % 2 ? 'odd' : 'even', values: [i] });
    await expect.poll(() => heard.length).toBe(2);
    const odd = heard.find((payload) => (payload as { key: string }).key === 'odd');
    expect(odd).toMatchObject({ values: expect.arrayContaining([1, 3, 999]) as number[] });
    stop();
    await client.api.sums.add({ a: 1, b: 1 });
    server.emit('sums.told', { key: 'a', values: [1] });
    await client.api.sums.add({ a: 1, b: 1 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard).toHaveLength(2);
  });

  it('cancels, and reports progress', async () => {
    const { client } = await open();
    const stop = new AbortController();
    const before = aborted;
    const told: number[] = [];
    const call = client.api.sums.wait({}, { signal: stop.signal, onProgress: (done) => told.push(done) });
    await expect.poll(() => told).toEqual([1]);
    stop.abort();
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => aborted).toBe(before + 1);
  });

  it('ends calls when the connection is lost, and goes on over a new one', async () => {
    const { client, server } = await open();
    const heard: unknown[] = [];
    client.on('sums.told', (payload) => heard.push(payload));
    const before = aborted;
    const call = client.api.sums.wait();
    await client.api.sums.add({ a: 1, b: 1 });
    server.close();
    await expect(call).rejects.toMatchObject({ code: 'connection-lost' });
    await expect.poll(() => aborted).toBe(before + 1);
    const [ours, theirs] = await transports[name]();
    server.accept(theirs);
    client.attach(ours);
    expect(await client.api.sums.add({ a: 2, b: 2 })).toBe(4);
    server.emit('sums.told', { key: 'a', values: [7] });
    await expect.poll(() => heard).toEqual([{ key: 'a', values: [7] }]);
  });
});

it('refuses input at the asking end before anything is sent', async () => {
  const [ours] = memoryTransports();
  const client = connect(contract, ours);
  const misshapen: { a: number; b: number } = JSON.parse('{"a":1,"b":"2"}') as { a: number; b: number };
  await expect(client.api.sums.add(misshapen)).rejects.toMatchObject({ code: 'input-invalid', field: 'b' });
  const long = { text: 'x'.repeat(textCaps.toHost) };
  await expect(client.api.sums.long(long)).rejects.toMatchObject({ code: 'input-invalid' });
});

it('does not take an answer that is too long or misshapen', async () => {
  const [ours, theirs] = memoryTransports();
  const server = serve(contract, handlers);
  server.accept(theirs);
  const client = connect(contract, ours);
  await expect(client.api.sums.long({ text: 'x'.repeat(400_000) })).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('too large') as string,
  });
  const [alone, liar] = memoryTransports();
  const deceived = connect(contract, alone);
  liar.onText((text) => {
    const { id } = JSON.parse(text) as { id: number };
    liar.send(JSON.stringify({ kind: 'result', id, output: 'not a number' }));
  });
  await expect(deceived.api.sums.add({ a: 1, b: 1 })).rejects.toMatchObject({ code: 'internal' });
});

it('is not moved by 10,000 malformed texts on either end', async () => {
  const [ours, theirs] = memoryTransports();
  const server = serve(contract, handlers);
  server.accept(theirs);
  const client = connect(contract, ours);
  const heard: unknown[] = [];
  client.on('sums.told', (payload) => heard.push(payload));
  await client.api.sums.add({ a: 1, b: 1 });
  const before = handled;
  const good = JSON.stringify({ kind: 'request', id: 7, name: 'sums.add', input: { a: 1, b: 1 } });
  const seeds = [
    good,
    JSON.stringify({ kind: 'request', id: 8, name: '__proto__.toString', input: {} }),
    JSON.stringify({ kind: 'request', id: 9, name: 'sums.constructor', input: {} }),
    JSON.stringify({ kind: 'request', id: 10, name: 'sums.add', input: { a: 1, b: 1, c: 1 } }),
    JSON.stringify({ kind: 'event', name: 'sums.told', payload: { key: 1 } }),
    JSON.stringify({ kind: 'subscribe', name: 'constructor.prototype' }),
  ];
  for (let i = 0; i < 10_000; i++) {
    const seed = seeds[i % seeds.length] ?? '';
    // A character that no JSON of a frame may have there, at a place that moves on.
    const at = (i * 7) % seed.length;
    ours.send(`${seed.slice(0, at)}\u0000${seed.slice(at)}`);
    theirs.send(`${seed.slice(0, at)}\u0000${seed.slice(at)}`);
  }
  for (const seed of seeds.slice(1)) {
    ours.send(seed);
    theirs.send(seed);
  }
  ours.send(good.padEnd(textCaps.toHost + 1));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(handled).toBe(before);
  expect(heard).toEqual([]);
  expect(await client.api.sums.add({ a: 20, b: 22 })).toBe(42);
});

it('keeps little for a frozen window, whatever a run tells', async () => {
  const [ours, theirs] = memoryTransports();
  let waiting = 2 ** 30;
  const server = serve({ requests: {}, events: studioContract.events }, {}, { tellEvery: 5 });
  server.accept({ ...bound(theirs), waitingBytes: () => waiting });
  const client = connect({ requests: {}, events: studioContract.events }, ours);
  const heard: { step: number }[] = [];
  client.on('runs.metrics', ({ points }) => heard.push(...points));
  const runId = '018f2f3e-0000-7000-8000-000000000000';
  await new Promise((resolve) => setTimeout(resolve, 10));
  for (let step = 1; step <= 100_000; step++)
    server.emit('runs.metrics', { runId, points: [{ step, values: { loss: 1 } }] });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(heard).toEqual([]);
  waiting = 0;
  await expect.poll(() => heard.length).toBeGreaterThan(0);
  expect(heard.length).toBeLessThanOrEqual(1001);
  expect(heard.at(-1)?.step).toBe(100_000);
});

/** A class's methods live on its prototype, which a spread would lose. */
function bound(transport: Transport): Transport {
  return {
    send: (text) => transport.send(text),
    onText: (listener) => transport.onText(listener),
    onClose: (listener) => transport.onClose(listener),
    close: () => transport.close(),
    waitingBytes: () => transport.waitingBytes(),
  };
}
