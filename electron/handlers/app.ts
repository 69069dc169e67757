/** What computes and why, what the computer has left. */
import { statfs } from 'node:fs/promises';
import { freemem, homedir, totalmem } from 'node:os';
import type { appRequests, Resources } from '../../engine/contract/messages/app.ts';
import type { DomainHandlers } from '../bridge/api.ts';
import { installEngine } from '../features/engineInstallation.ts';
import { isFixed, proposedFolder, readLocation } from '../store/dataFolder.ts';
import type { HostContext } from './context.ts';

export function appHandlers(context: HostContext): DomainHandlers<typeof appRequests> {
  const { host, version, store, engine, log, notices } = context;
  return {
    state: async () => ({
      ...{ host, version, dataFolder: store.data, engine: engine.state, notices: [...notices] },
      resources: await readResources(context),
      ...whereData(context),
    }),
    async restartEngine() {
      await engine.restart();
      return {};
    },
    async installEngine({ source }, call) {
      await installEngine(context, source, call);
      return {};
    },
    async report() {
      const { arch, platform, versions } = process;
      const facts = {
        ...{ stillroom: version, host, platform, arch, node: versions.node, engine: engine.state },
        ...{ settings: context.settings, resources: await readResources(context), notices },
      };
      return { text: `${JSON.stringify(facts, null, 2)}\n\n${await log.read()}`.replaceAll(homedir(), '~') };
    },
  };
}

function whereData({ host, store }: Pick<HostContext, 'host' | 'store'>) {
  const canMoveData = host === 'desktop' && !isFixed();
  const note = canMoveData ? readLocation(proposedFolder()) : undefined;
  return { canMoveData, formerDataFolder: note?.folder === store.data ? note.former : null };
}

export async function readResources({
  store,
  engine,
  network,
}: Pick<HostContext, 'store' | 'engine' | 'network'>): Promise<Resources> {
  const disk = await statfs(store.data);
  return {
    memory: { total: totalmem(), free: freemem(), engine: engine.residentBytes },
    disk: { total: disk.blocks * disk.bsize, free: disk.bavail * disk.bsize },
    networkRequests: network.requests,
  };
}
