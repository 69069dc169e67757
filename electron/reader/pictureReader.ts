/** The host's side of the reader's processes: one process a set, one set at a time, ended when it has answered. */
import { StudioError } from '../../engine/contract/errors.ts';
import type { Inspection } from '../../engine/contract/messages/data.ts';
import type { CallOptions } from '../bridge/api.ts';
import { connect } from '../bridge/connect.ts';
import { channelTransport } from '../bridge/transports/channel.ts';
import type { Child } from '../childProcess.ts';
import { readerContract } from './messages.ts';

interface Wanted {
  readonly location: string;
  readonly size: number;
  readonly pictureFolder: string;
}

export class PictureReader {
  private readonly startChild: () => Child;
  private child: Child | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(startChild: () => Child) {
    this.startChild = startChild;
  }

  /** @throws StudioError 'input-invalid' where nothing can be used or a file broke the process, 'not-found', 'cancelled'. */
  inspect(wanted: Wanted, options: CallOptions): Promise<Inspection> {
    const result = this.last.then(() => this.read(wanted, options));
    this.last = result.catch(() => undefined);
    return result;
  }

  close(): void {
    this.child?.kill();
  }

  private async read(wanted: Wanted, options: CallOptions): Promise<Inspection> {
    if (options.signal?.aborted === true) throw new StudioError('cancelled', 'Reading was cancelled.');
    const child = this.startChild();
    this.child = child;
    try {
      return await connect(readerContract, channelTransport(child.channel)).api.reader.inspect(
        wanted,
        options,
      );
    } catch (error) {
      if (!(error instanceof StudioError) || error.code !== 'connection-lost') throw error;
      throw new StudioError(
        'input-invalid',
        'One of the pictures ended the process that reads them; nothing was changed.',
        'Add a part of the pictures at a time to find out which one.',
        { cause: error },
      );
    } finally {
      this.child = undefined;
      child.kill();
    }
  }
}
