#!/usr/bin/env node
/** The command line: finds the command, turns Ctrl-C into a pause and errors into one sentence and an exit code. */
import { StudioError } from '../engine/contract/errors.ts';
import { commands } from './commands/commands.ts';
import { createReporter } from './terminal/reporter.ts';

/** For input that a person can correct; anything else that fails is 1. */
const BAD_INPUT = 2;

function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `stillroom <command>\n\n${lines.join('\n')}\n\nEvery command takes --help and --json.\n`;
}

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  const command = name === undefined ? undefined : commands[name];
  if (!command) {
    const isHelp = name === undefined || name === '--help' || name === 'help';
    (isHelp ? process.stdout : process.stderr).write(
      isHelp ? overview() : `There is no command “${name}”.\n\n${overview()}`,
    );
    return isHelp ? 0 : BAD_INPUT;
  }
  if (rest.includes('--help')) {
    process.stdout.write(`${command.summary}\n\n${command.usage}\n`);
    return 0;
  }
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  process.once('SIGTERM', () => interrupt.abort());
  const json = rest.includes('--json');
  const reporter = createReporter({ json });
  try {
    const given = rest.filter((word) => word !== '--json');
    return await command.run({ words: given, reporter, signal: interrupt.signal, json });
  } catch (error) {
    reporter.failed(error);
    return error instanceof StudioError && error.code !== 'internal' ? BAD_INPUT : 1;
  }
}

process.exit(await main(process.argv.slice(2)));
