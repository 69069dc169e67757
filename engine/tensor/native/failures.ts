/** The one kind of error of provisioning: what was missing, and what Stillroom uses until it is there. */
import { StudioError } from '../../contract/errors.ts';

/** `remedy` is a sentence on how to put it right; the fallback is added to it. */
export function engineUnavailable(message: string, remedy: string, cause?: unknown): StudioError {
  const hint = `${remedy} Until then Stillroom computes with the webgpu or wasm backend, which is slower.`;
  return new StudioError('engine-unavailable', message, hint, cause === undefined ? {} : { cause });
}
