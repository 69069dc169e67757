/** HTML that is safe by construction: in the template, every text is escaped unless it is markup already. */
import { escapeMarkup } from '../escapeMarkup.ts';

export class Markup {
  readonly source: string;

  /** `source` is trusted: only for what this project wrote itself. */
  constructor(source: string) {
    this.source = source;
  }
}

type Part = Markup | string | number | readonly Part[];

/** Attributes must be quoted in the template. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.reduce((source, text, index) => source + render(parts[index - 1] ?? '') + text));
}

function render(part: Part): string {
  if (part instanceof Markup) return part.source;
  return typeof part === 'object' ? part.map(render).join('') : escapeMarkup(String(part));
}
