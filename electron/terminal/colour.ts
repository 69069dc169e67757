/** Colours for the terminal, or none; whoever prints asks for a palette once and never tests for colour again. */
import { styleText } from 'node:util';

type Style = (text: string) => string;

export interface Palette {
  readonly bold: Style;
  readonly dim: Style;
  readonly accent: Style;
  readonly good: Style;
  readonly warning: Style;
  readonly bad: Style;
}

type Format = Parameters<typeof styleText>[0];

export function createPalette(isColoured: boolean): Palette {
  const style =
    (format: Format): Style =>
    (text) =>
      isColoured ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: style('bold'),
    dim: style('dim'),
    accent: style('cyan'),
    good: style('green'),
    warning: style('yellow'),
    bad: style('red'),
  };
}

/** `NO_COLOR` and `FORCE_COLOR` decide where they are set and not empty (no-color.org), else whether it is a terminal. */
export function wantsColour(isTerminal: boolean, environment: NodeJS.ProcessEnv = process.env): boolean {
  if (environment['NO_COLOR']) return false;
  const forced = environment['FORCE_COLOR'];
  if (forced) return forced !== '0' && forced !== 'false';
  return isTerminal && environment['TERM'] !== 'dumb';
}
