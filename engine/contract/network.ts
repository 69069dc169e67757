/** What may leave this computer, and how often something did. Everything of Stillroom's that does goes through here. */
import { StudioError } from './errors.ts';

export class Network {
  private readonly isForbidden: () => boolean;
  private counted = 0;

  /** @param isForbidden asked before each use */
  constructor(isForbidden: () => boolean = () => false) {
    this.isForbidden = isForbidden;
  }

  /** Requests that were made since the start, answered or not. */
  get requests(): number {
    return this.counted;
  }

  /** @throws StudioError 'engine-unavailable' where a person switched the network off. */
  require(): void {
    if (this.isForbidden())
      throw new StudioError(
        'engine-unavailable',
        'The network is switched off in Settings, so nothing was downloaded.',
        'Switch it on there, or install the engine from a file.',
      );
  }

  /** Runs what makes requests, and counts those that it says it made, also where it fails. @throws as `require`. */
  async use<T>(work: (count: (requests: number) => void) => Promise<T>): Promise<T> {
    this.require();
    return work((requests) => (this.counted += requests));
  }
}
