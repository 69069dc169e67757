/** What a command of the command line is, and how its words become settings. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { z } from 'zod';
import { StudioError } from '../../engine/contract/errors.ts';
import { leavesOf } from '../../engine/contract/field.ts';
import { draftRecipeSchema, type DraftRecipe } from '../../engine/contract/messages/recipes.ts';
import { withChanges } from '../../engine/contract/recipeChanges.ts';
import type { Reporter } from '../terminal/reporter.ts';

export interface CommandContext {
  /** The words after the command's name. */
  readonly words: readonly string[];
  readonly reporter: Reporter;
  /** Aborted by the first Ctrl-C: pause, keep what was made, end. */
  readonly signal: AbortSignal;
  /** Whether another program reads what is printed. */
  readonly json: boolean;
}

export interface Command {
  /** One line for the overview. */
  readonly summary: string;
  readonly usage: string;
  /** Resolves to the exit code. */
  run(context: CommandContext): Promise<number>;
}

/** Exit code of a run that Ctrl-C paused (128 + SIGINT, by convention). */
export const PAUSED = 130;

export type FlagKind = 'string' | 'boolean' | 'list';

export interface ParsedWords<F extends string> {
  readonly flags: Partial<Record<F, string>>;
  readonly switches: ReadonlySet<string>;
  readonly lists: Readonly<Record<string, string[]>>;
  /** Recipe fields given as flags, by dotted path. */
  readonly fields: Readonly<Record<string, string>>;
  readonly positionals: readonly string[];
}

/**
 * Sorts a command's words into its own flags and the recipe's fields.
 *
 * @throws StudioError 'recipe-invalid' for a flag that is neither, which it names.
 */
export function parseWords<F extends string>(
  words: readonly string[],
  kinds: Readonly<Record<F, FlagKind>>,
  schema?: z.ZodObject,
): ParsedWords<F> {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const { path } of schema ? leavesOf(schema) : []) options[path] = { type: 'string' };
  for (const [name, kind] of Object.entries<FlagKind>(kinds)) {
    options[name] = { type: kind === 'boolean' ? 'boolean' : 'string', multiple: kind === 'list' };
  }
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: joinNegatives(words), options, allowPositionals: true, strict: true });
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const flag = /'(-[^' ]*)/.exec(text)?.[1] ?? '';
    const unknown = text.startsWith('Unknown option');
    throw new StudioError(
      'recipe-invalid',
      unknown
        ? `${flag} is neither an option of this command nor a field of the recipe.`
        : `${flag} needs a value of its own.`,
      'Run it with --help to see what there is; nothing was changed.',
      { field: flag.replace(/^--/, ''), cause },
    );
  }
  const flags: Partial<Record<F, string>> = {};
  const switches = new Set<string>();
  const lists: Record<string, string[]> = {};
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(parsed.values)) {
    if (typeof value === 'boolean') switches.add(name);
    else if (Array.isArray(value)) lists[name] = value.map(String);
    else if (typeof value === 'string' && name in kinds) flags[name as F] = value;
    else if (typeof value === 'string') fields[name] = value;
  }
  return { flags, switches, lists, fields, positionals: parsed.positionals };
}

/** `--mean -1` as `--mean=-1`, which is not taken for two options. */
const joinNegatives = (words: readonly string[]): string[] =>
  words.reduce<string[]>((joined, word) => {
    const before = joined.at(-1) ?? '';
    if (!/^-[\d.]/.test(word) || !/^--[^=]+$/.test(before)) return [...joined, word];
    return [...joined.slice(0, -1), `${before}=${word}`];
  }, []);

/**
 * The settings of a recipe file, if one is named, with single fields laid over them.
 *
 * @throws StudioError 'not-found' or 'file-invalid' for the file; fields are checked by the recipe's own parser.
 */
export async function readSettings(
  schema: z.ZodObject,
  file: string | undefined,
  fields: Readonly<Record<string, string>>,
): Promise<DraftRecipe> {
  return withFields(schema, file === undefined ? {} : await readRecipeFile(file), fields);
}

/** The settings with single fields laid over them. */
export function withFields(
  schema: z.ZodObject,
  given: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, string>>,
): DraftRecipe {
  const leaves = new Map(leavesOf(schema).map(({ path, schema: leaf }) => [path, leaf]));
  const changes = Object.entries(fields).map(([path, text]) => [
    path,
    leaves.get(path)?.safeParse(text).success ? text : parseValue(text),
  ]);
  return withChanges(draftRecipeSchema.parse(given), Object.fromEntries(changes) as DraftRecipe);
}

async function readRecipeFile(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new StudioError('not-found', `The recipe “${file}” cannot be read.`, 'Name a JSON file.', {
      cause,
    });
  });
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch (cause) {
    throw new StudioError(
      'file-invalid',
      `The recipe “${file}” is not valid JSON.`,
      'Correct it and start again.',
      { cause },
    );
  }
  throw new StudioError(
    'file-invalid',
    `The recipe “${file}” is not a JSON object.`,
    'Correct it and start again.',
  );
}

/** As JSON where it is, else the text itself. */
export function parseValue(text: string): z.core.util.JSONType {
  try {
    return JSON.parse(text) as z.core.util.JSONType;
  } catch {
    return text;
  }
}

/** A whole number flag within bounds. @throws StudioError 'input-invalid'. */
export function wholeNumber(
  name: string,
  text: string | undefined,
  standard: number,
  [low, high]: [number, number],
): number {
  const value = text === undefined ? standard : Number(text);
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new StudioError(
    'input-invalid',
    `--${name} must be a whole number from ${low} to ${high}.`,
    'Nothing was changed.',
    {
      field: name,
    },
  );
}

/** Refuses an output folder that exists: before hours of training, not after. @throws StudioError 'input-invalid'. */
export function requireFree(folder: string | undefined): void {
  if (folder === undefined || !existsSync(folder)) return;
  throw new StudioError(
    'input-invalid',
    `“${folder}” exists already; it was left as it is, and nothing was trained.`,
    'Name a new folder with --out.',
  );
}
