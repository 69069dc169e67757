/** Starts the engine for a command: provisions the native one where it can, and says what runs and why. */
import { StudioError } from '../../engine/contract/errors.ts';
import type { ActiveBackend } from '../../engine/tensor/backends/backend.ts';
import { selectBackend } from '../../engine/tensor/backends/selectBackend.ts';
import { findNativeEngine } from '../../engine/tensor/native/nativeEngine.ts';
import { provisionNativeEngine } from '../../engine/tensor/native/provision.ts';
import type { Reporter } from '../terminal/reporter.ts';
import { commandNetwork } from './network.ts';

const asked = () => process.env['STILLROOM_BACKEND'];

/** Builds the native engine if it is missing. A failure is told, and something slower runs instead. */
async function provideNativeEngine(reporter: Reporter, signal: AbortSignal): Promise<void> {
  if (findNativeEngine() || (asked() !== undefined && asked() !== 'tensorflow')) return;
  reporter.phase('Native engine', 'downloaded and built once, then kept outside this folder');
  try {
    await provisionNativeEngine({
      signal,
      network: commandNetwork(),
      onProgress: ({ fraction, message }) =>
        reporter.progress({ done: Math.round(fraction * 100), total: 100, unit: '%', activity: message }),
    });
  } catch (error) {
    if (!(error instanceof StudioError) || error.code !== 'engine-unavailable' || asked()) throw error;
    reporter.note(
      `${error.message} ${error.hint} Falling back to WebAssembly, about 25 times slower.`,
      'warning',
    );
  }
}

/** Chooses and activates the backend that trains fastest here. */
export async function startEngine(
  reporter: Reporter,
  signal: AbortSignal,
  { provision = false } = {},
): Promise<ActiveBackend> {
  if (provision) await provideNativeEngine(reporter, signal);
  const { active, report } = await selectBackend();
  const reason = report.candidates.find(({ name }) => name === active.name)?.reason ?? '';
  reporter.note(`Engine: ${active.name} (${active.version}, ${active.device}): ${reason}`);
  if (active.name === 'wasm' && !findNativeEngine()) {
    reporter.note('The native engine is not installed; `npm run engine:install` builds it.', 'warning');
  }
  return active;
}
