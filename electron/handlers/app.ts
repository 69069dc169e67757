/** What computes and why, what the computer has left. */
import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import type { appRequests, Resources } from '../../engine/contract/messages/app.ts';
import type { DomainHandlers } from '../bridge/api.ts';
import type { HostContext } from './context.ts';

export function appHandlers(context: HostContext): DomainHandlers<typeof appRequests> {
  const { host, version, store, engine, notices } = context;
  return {
    state: async () => ({
      ...{ host, version, dataFolder: store.data, engine: engine.state, notices: [...notices] },
      resources: await readResources(context),
    }),
    async restartEngine() {
      await engine.restart();
      return {};
    },
  };
}

export async function readResources({
  store,
  engine,
}: Pick<HostContext, 'store' | 'engine'>): Promise<Resources> {
  const disk = await statfs(store.data);
  return {
    memory: { total: totalmem(), free: freemem(), engine: engine.residentBytes },
    disk: { total: disk.blocks * disk.bsize, free: disk.bavail * disk.bsize },
    // Nothing of the host makes requests; what will, counts them here.
    networkRequests: 0,
  };
}
