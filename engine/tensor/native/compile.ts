/** Compiles the addon with the C++ compiler directly; no build system is needed for three files. */
import { join } from 'node:path';

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
  const args = ['-std=c++17', '-O3', '-fPIC', '-shared', `-DNAPI_VERSION=${nodeApiVersion}`];
  // What compilers need to make vector code of the fused kernels' loops; NaN and infinity keep their meaning.
  args.push('-fopenmp-simd', '-fno-math-errno', '-fno-trapping-math', '-Wno-psabi');
  args.push(`-I${bindingFolder}`, `-I${nodeApiHeaders}`, `-I${join(headersFolder, 'tensorflow', 'include')}`);
  args.push(...translationUnits, '-o', addonPath);
  args.push(...libraries.map((name) => join(engineFolder, 'tensorflow', name)));
  args.push('-Wl,-rpath,$ORIGIN/tensorflow');
  const { exitCode, output } = await runCommand(compiler, args, { signal });
  if (exitCode === 0) return;
  const reason = output.match(/error: .*/)?.[0] ?? output.trim().split('\n')[0] ?? 'no reason given';
  throw engineUnavailable(
    `The native engine's addon could not be compiled by ${compiler}: ${reason}`,
    'It needs a compiler for C++17 and the files of the last npm install.',
    output,
  );
}
