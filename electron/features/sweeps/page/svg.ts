/** A drawing as SVG: in a page with its variables, as a file with fixed colours. */
import type { Drawing, Tone } from '../../../../engine/contract/figures/drawing.ts';
import { escapeMarkup } from '../../comparison/escapeMarkup.ts';

export type Palette = (tone: Tone) => string;

const series = ['#b4531f', '#2b6f9e', '#7d4a9e', '#3f7d4f', '#b08a1e', '#a83250', '#4f8f8f', '#6b6b66'];

/** On white paper. */
export const paper: Palette = (tone) => {
  const fixed: Readonly<Partial<Record<Tone, string>>> = {
    ink: '#1b1b1b',
    soft: '#63635f',
    line: '#e3e3e0',
    surface: '#ffffff',
  };
  return fixed[tone] ?? series[Number(tone.replace('series', ''))] ?? '#1b1b1b';
};

/** By the page's own variables. */
export const variables: Palette = (tone) => `var(--${tone})`;

export function svgOf({ width, height, description, marks }: Drawing, palette: Palette): string {
  const drawn = marks.map(({ tag, attributes, fill, stroke, text }) => {
    const all: Record<string, string | number> = {
      ...attributes,
      ...(fill && { fill: palette(fill) }),
      ...(stroke && { stroke: palette(stroke) }),
    };
    const written = Object.entries(all).map(([name, value]) => ` ${name}="${escapeMarkup(String(value))}"`);
    return `<${tag}${written.join('')}>${text === undefined ? '' : escapeMarkup(text)}</${tag}>`;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"` +
    ` role="img" aria-label="${escapeMarkup(description)}" font-family="sans-serif">${drawn.join('')}</svg>`
  );
}
