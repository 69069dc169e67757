/** `stillroom engine install`: the native engine, downloaded and built once. */
import { StudioError } from '../../engine/contract/errors.ts';
import { provisionNativeEngine } from '../../engine/tensor/native/provision.ts';
import { parseWords, type Command } from './command.ts';

const variants = ['auto', 'cpu', 'cuda'] as const;

export const engineCommand: Command = {
  summary: 'Install the native engine, which trains many times faster.',
  usage: `stillroom engine install [--variant auto|cpu|cuda]

  --variant    auto takes CUDA where there is an NVIDIA driver (default), otherwise the CPU's`,
  async run({ words, reporter, signal }) {
    const { flags, positionals } = parseWords(words, { variant: 'string' });
    const variant = variants.find((name) => name === (flags.variant ?? 'auto'));
    if (positionals.join(' ') !== 'install')
      throw new StudioError('input-invalid', 'The engine knows one command: stillroom engine install.');
    if (!variant)
      throw new StudioError(
        'input-invalid',
        `--variant must be one of ${variants.join(', ')}.`,
        'Nothing was changed.',
        { field: 'variant' },
      );
    reporter.phase('Native engine');
    const { folder, tensorflowVersion } = await provisionNativeEngine({
      variant,
      signal,
      onProgress: ({ fraction, message }) =>
        reporter.progress({ done: Math.round(fraction * 100), total: 100, unit: '%', activity: message }),
    });
    reporter.done(`TensorFlow ${tensorflowVersion} is in ${folder}`, { folder, tensorflowVersion });
    return 0;
  },
};
