/** The native engine for people without a terminal: from the network, or from an archive that they chose. */
import { StudioError } from '../../engine/contract/errors.ts';
import { installEngineArchive } from '../../engine/tensor/native/archive.ts';
import { provisionNativeEngine, type ProvisionProgress } from '../../engine/tensor/native/provision.ts';
import type { HandlerContext } from '../bridge/api.ts';
import type { HostContext } from '../handlers/context.ts';

/** Of a thousand. */
const WHOLE = 1000;

/** @throws StudioError as `app.installEngine` says. */
export async function installEngine(
  { engine, queue, sources, network }: Pick<HostContext, 'engine' | 'queue' | 'sources' | 'network'>,
  source: string | null,
  { signal, progress }: HandlerContext,
): Promise<void> {
  if (queue.active !== undefined)
    throw new StudioError('busy', 'A run is training.', 'Pause it first; nothing was changed.');
  const onProgress = ({ fraction }: ProvisionProgress) => progress(Math.round(WHOLE * fraction), WHOLE);
  if (source === null) await provisionNativeEngine({ signal, onProgress, network });
  else await installEngineArchive(sources.locate(source), { signal, onProgress });
  await engine.restart();
}
