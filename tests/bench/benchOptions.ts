/** The benchmark's words on the command line. */
import { parseWords, wholeNumber } from '../../electron/commands/command.ts';
import { StudioError } from '../../engine/contract/errors.ts';
import { backendNames, type BackendName } from '../../engine/tensor/backends/backend.ts';
import { sizeNames, type SizeName } from './sizes.ts';
import { comparedPrecisions, precisions, type Precision, type Shape } from './workloads.ts';

export interface BenchOptions {
  readonly mode: 'backends' | 'growth' | 'pytorch';
  readonly backends: readonly BackendName[];
  /** Every size, batch and precision that was asked for. */
  readonly shapes: readonly Shape[];
  /** The same without batches, which a growth curve runs through. */
  readonly growthShapes: readonly Shape[];
  readonly growthBatches: readonly number[];
  readonly precisions: readonly Precision[];
  readonly repeats: number;
  readonly all: boolean;
  readonly eager: boolean;
  readonly python: string | undefined;
  readonly json: string;
}

const usualSizes: readonly SizeName[] = ['toy', 'DiT-4M'];
const growthBatches = [1, 2, 4, 8, 16, 24, 32, 48, 64];

export const usage = `npm run bench -- [--sizes ${usualSizes.join()}] [--batches 8,32] [--precisions float32] [--repeats 5] [--json FILE]

  --sizes LIST       ${sizeNames.join(', ')} (default ${usualSizes.join()})
  --batches LIST     of samples in an iteration (default: the size's own)
  --precisions LIST  ${precisions.join(', ')} (default float32; against PyTorch bfloat16 too)
  --repeats N        rounds, of which medians are taken (default 5)
  --backend LIST     ${backendNames.join(', ')} (default: all)
  --all              the transformers on wasm too, which takes minutes
  --eager            steps that are not captured too
  --growth           how time and memory grow with the batch
  --against pytorch  the same iterations in PyTorch, taking turns with ours
  --python FILE      with PyTorch; by default one is set up (6 GB)
  --json FILE        where results go; the plot is beside it (default bench-output/bench.json)
`;

/** @throws StudioError 'input-invalid' or 'recipe-invalid' that names the option at fault. */
export function parseOptions(words: readonly string[]): BenchOptions {
  const {
    flags: values,
    switches,
    positionals: [stray],
  } = parseWords(words, {
    sizes: 'string',
    batches: 'string',
    precisions: 'string',
    backend: 'string',
    repeats: 'string',
    against: 'string',
    python: 'string',
    json: 'string',
    growth: 'boolean',
    all: 'boolean',
    eager: 'boolean',
  });
  if (stray !== undefined)
    throw new StudioError('input-invalid', `“${stray}” belongs to no option.`, 'Run it with --help.');
  const mode = values.against === undefined ? (switches.has('growth') ? 'growth' : 'backends') : 'pytorch';
  if (values.against !== undefined) choices('against', values.against, ['pytorch']);
  const sizes = choices('sizes', values.sizes, sizeNames) ?? usualSizes;
  const batches = values.batches?.split(',').map((text) => wholeNumber('batches', text, 1, [1, 4096]));
  const usualPrecisions = mode === 'pytorch' ? comparedPrecisions : (['float32'] as const);
  const asked =
    choices('precisions', values.precisions, mode === 'pytorch' ? comparedPrecisions : precisions) ??
    usualPrecisions;
  // A comparison measures a shape's precisions together.
  const growthShapes = sizes.flatMap((size) =>
    mode === 'pytorch' ? [{ size }] : asked.map((precision) => ({ size, precision })),
  );
  return {
    mode,
    backends:
      choices('backend', values.backend, backendNames) ?? (mode === 'growth' ? ['tensorflow'] : backendNames),
    shapes: growthShapes.flatMap((shape) => batches?.map((batch) => ({ ...shape, batch })) ?? [shape]),
    growthShapes,
    growthBatches: batches ?? growthBatches,
    precisions: asked,
    repeats: wholeNumber('repeats', values.repeats, 5, [1, 1000]),
    all: switches.has('all'),
    eager: switches.has('eager'),
    python: values.python,
    json: values.json ?? 'bench-output/bench.json',
  };
}

function choices<T extends string>(
  option: string,
  text: string | undefined,
  known: readonly T[],
): T[] | undefined {
  return text?.split(',').map((word) => {
    const found = known.find((one) => one === word);
    if (found !== undefined) return found;
    throw new StudioError(
      'input-invalid',
      `--${option} knows no “${word}”.`,
      `It can be ${known.join(', ')}; several are separated by commas.`,
    );
  });
}
