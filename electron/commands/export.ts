/** `stillroom export`: the model of a run's newest checkpoint, finished or not, as a folder of its own. */
import path from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';
import { newestVerified } from '../../engine/training/checkpointFolder.ts';
import { writeModel } from '../../engine/training/modelFile.ts';
import { readCheckpointModel } from '../features/checkpointModel.ts';
import { findRun } from '../features/findRun.ts';
import { openStudio } from '../features/openStudio.ts';
import { dataFolder, runFolder } from '../store/dataFolder.ts';
import { parseWords, type Command } from './command.ts';

const types = ['F32', 'F16', 'BF16'] as const;

export const exportCommand: Command = {
  summary: 'Write the model of a run as a folder that can be sampled, distilled or shared.',
  usage: `stillroom export RUN --out FOLDER [--dtype f32|f16|bf16]

  RUN            its id, the start of it, or its name
  --out FOLDER   a new folder for model.json and weights.safetensors
  --dtype        numbers of the weights (default f32)`,
  async run({ words, reporter }) {
    const { flags, positionals } = parseWords(words, { out: 'string', dtype: 'string' });
    const [wanted, ...more] = positionals;
    if (wanted === undefined || more.length > 0 || flags.out === undefined)
      throw new StudioError('input-invalid', 'An export needs one run and --out FOLDER.');
    const dtype = types.find((type) => type.toLowerCase() === (flags.dtype ?? 'f32'));
    if (!dtype)
      throw new StudioError('input-invalid', '--dtype must be f32, f16 or bf16.', 'Nothing was written.', {
        field: 'dtype',
      });
    const folder = path.resolve(flags.out);
    const store = await openStudio(dataFolder(), reporter);
    try {
      const run = await findRun(store, wanted);
      const { checkpoint } = await newestVerified(runFolder(store.data, run.id));
      if (!checkpoint)
        throw new StudioError(
          'not-found',
          `The run “${run.name}” has no checkpoint yet; nothing was written.`,
        );
      const { info, weights } = await readCheckpointModel(checkpoint.folder);
      await writeModel(folder, info, weights, dtype);
      reporter.done(`The ${info.role} of iteration ${checkpoint.step} is in ${folder}`, {
        run: run.id,
        folder,
      });
      return 0;
    } finally {
      await store.close();
    }
  },
};
