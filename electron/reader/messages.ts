/** What the host asks of a reader's process. Windows never see this. */
import { z } from 'zod';
import { dataReportSchema, imageSize, previewSchema } from '../../engine/contract/messages/data.ts';
import { request, type Contract } from '../../engine/contract/messages/define.ts';

const location = z.string().max(4096);

export const readerContract = {
  requests: {
    reader: {
      /** Reads a folder or zip, or `demo`; pictures to show are written as `<uuid>.png` into `pictureFolder`. */
      inspect: request(
        z.strictObject({ location, size: imageSize, pictureFolder: location }),
        z.strictObject({ report: dataReportSchema, previews: z.array(previewSchema) }),
      ),
    },
  },
  events: {},
} as const satisfies Contract;
