/** Compiles the addon with the C++ compiler directly; no build system is needed for a dozen files. */
import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';

import { bindingFolder, nodeApiHeaders, nodeApiVersion, translationUnits } from './addonSources.ts';
import { findProgram, runCommand } from './command.ts';
import { engineUnavailable } from './failures.ts';

/** A C++ compiler: `CXX` when set, otherwise the first of the usual names; throws `engine-unavailable`. */
export async function findCompiler(): Promise<string> {
  const chosen = process.env['CXX'];
  const compiler = await findProgram(chosen ? [chosen] : ['g++', 'clang++', 'c++'], ['--version']);
  if (compiler) return compiler;
  throw engineUnavailable(
    `The native engine cannot be built: ${chosen ? `CXX names ${chosen}, which cannot be run` : 'no C++ compiler was found'}.`,
    'Install g++ (on Debian and Ubuntu: the package g++) and try again, or install an engine that was packed on another computer.',
  );
}

/**
 * Builds the addon at `addonPath` against the libraries in `engineFolder/tensorflow` and the headers in
 * `headersFolder`. The addon finds the libraries relative to itself, so that the folder can be moved.
 */
export async function compileAddon(
  compiler: string,
  {
    engineFolder,
    headersFolder,
    addonPath,
  }: { engineFolder: string; headersFolder: string; addonPath: string },
  signal?: AbortSignal,
): Promise<void> {
  const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
  const args = ['-std=c++17', '-O3', '-fPIC', `-DNAPI_VERSION=${nodeApiVersion}`];
  // What compilers need to make vector code of the kernels' loops; NaN and infinity keep their meaning.
  args.push('-fopenmp-simd', '-fno-math-errno', '-fno-trapping-math', '-Wno-psabi');
  args.push(`-I${bindingFolder}`, `-I${nodeApiHeaders}`, `-I${join(headersFolder, 'tensorflow', 'include')}`);
  const objectsFolder = `${addonPath}.objects`;
  const objectOf = (unit: string) => join(objectsFolder, `${basename(unit)}.o`);
  await mkdir(objectsFolder);
  await forEachAtOnce(
    translationUnits,
    async (unit, stop) => runCompiler(compiler, [...args, '-c', unit, '-o', objectOf(unit)], stop),
    signal,
  );
  const linked = ['-shared', ...translationUnits.map(objectOf), '-o', addonPath];
  linked.push(...libraries.map((name) => join(engineFolder, 'tensorflow', name)));
  linked.push('-Wl,-rpath,$ORIGIN/tensorflow');
  await runCompiler(compiler, linked, signal);
  await rm(objectsFolder, { recursive: true });
}

/** As many at once as the processor has threads; the first failure ends the others, and is thrown when they have ended. */
async function forEachAtOnce<T>(
  items: readonly T[],
  work: (item: T, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const failures: unknown[] = [];
  const failed = new AbortController();
  const stop = AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]);
  const left = [...items];
  const worker = async () => {
    for (let item; (item = left.shift()) !== undefined && failures.length === 0;) {
      try {
        await work(item, stop);
      } catch (error) {
        failures.push(error);
        failed.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  if (failures.length > 0) throw failures[0];
}

async function runCompiler(
  compiler: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const { exitCode, output } = await runCommand(compiler, args, { signal });
  if (exitCode === 0) return;
  const reason = output.match(/error: .*/)?.[0] ?? output.trim().split('\n')[0] ?? 'no reason given';
  throw engineUnavailable(
    `The native engine's addon could not be compiled by ${compiler}: ${reason}`,
    'It needs a compiler for C++17 and the files of the last npm install.',
    output,
  );
}
