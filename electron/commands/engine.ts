/** `stillroom engine`: the native engine, built from the network, packed into a file, installed from one. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../engine/contract/errors.ts';
import { archiveName, installEngineArchive, packEngine } from '../../engine/tensor/native/archive.ts';
import { requireUsable } from '../../engine/tensor/native/nativeEngine.ts';
import { provisionNativeEngine, type ProvisionProgress } from '../../engine/tensor/native/provision.ts';
import { parseWords, type Command } from './command.ts';
import { commandNetwork } from './network.ts';

const variants = ['auto', 'cpu', 'cuda'] as const;

export const engineCommand: Command = {
  summary: 'Install the native engine, which trains many times faster, or pack it for another computer.',
  usage: `stillroom engine install [FILE] [--variant auto|cpu|cuda]
stillroom engine pack [FOLDER] [--variant auto|cpu|cuda]

  install      downloads and builds the engine, or installs it from a FILE of \`pack\` without a network
  pack         writes the engine with the hashes of its files as one file into FOLDER (default: here)
  --variant    auto takes CUDA where there is an NVIDIA driver (default), otherwise the CPU's

A hash shows that an archive is whole, not who made it: install only archives of people you trust.`,
  async run({ words, reporter, signal }) {
    const { flags, positionals } = parseWords(words, { variant: 'string' });
    const [action, location, ...more] = positionals;
    const variant = variants.find((name) => name === (flags.variant ?? 'auto'));
    if ((action !== 'install' && action !== 'pack') || more.length > 0)
      throw new StudioError(
        'input-invalid',
        'The engine knows two commands: install and pack.',
        'See --help.',
      );
    if (!variant)
      throw new StudioError(
        'input-invalid',
        `--variant must be one of ${variants.join(', ')}.`,
        'Nothing was changed.',
        { field: 'variant' },
      );
    if (action === 'install' && variant !== 'auto') requireUsable(variant);
    const onProgress = ({ fraction, message }: ProvisionProgress) =>
      reporter.progress({ done: Math.round(fraction * 100), total: 100, unit: '%', activity: message });

    reporter.phase('Native engine');
    const engine =
      action === 'install' && location !== undefined
        ? await installEngineArchive(location, { signal, onProgress })
        : await provisionNativeEngine({ variant, signal, onProgress, network: commandNetwork() });
    const { folder, tensorflowVersion } = engine;
    if (action === 'install') {
      reporter.done(`TensorFlow ${tensorflowVersion} is in ${folder}`, { folder, tensorflowVersion });
      return 0;
    }
    const target = location ?? '.';
    if (!(await stat(target).catch(() => undefined))?.isDirectory())
      throw new StudioError('not-found', `There is no folder “${target}”.`, 'Name one that exists.');
    const file = path.join(target, archiveName(engine));
    reporter.phase('Packing');
    const { bytes, sha256 } = await packEngine(engine, file, { signal, onProgress });
    reporter.done(`${file}, ${Math.round(bytes / 1e6)} MB, SHA-256 ${sha256}`, { file, bytes, sha256 });
    return 0;
  },
};
