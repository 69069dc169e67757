/** The 2-D lab; its toy lives in the engine's process. */
import type { lab2dRequests } from '../../engine/contract/messages/lab2d.ts';
import type { DomainHandlers } from '../bridge/api.ts';
import type { HostContext } from './context.ts';

export function lab2dHandlers({ engine }: Pick<HostContext, 'engine'>): DomainHandlers<typeof lab2dRequests> {
  return {
    advance: (wanted, { signal }) => engine.api.advanceLab(wanted, { signal }),
    data: () => engine.api.labData(),
  };
}
