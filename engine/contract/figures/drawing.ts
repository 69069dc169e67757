/** A figure as marks of an SVG, colours by name: windows and pages draw it in their own colours, light or dark. */

/** What a mark is coloured for. `series` are the variants, in their order. */
export type Tone = 'ink' | 'soft' | 'line' | 'surface' | `series${number}`;

/** As many variants are told apart; then the colours begin again. */
const SERIES = 8;
export const seriesTone = (index: number): Tone => `series${index % SERIES}`;

export interface Mark {
  readonly tag: 'path' | 'circle' | 'rect' | 'text';
  /** Of SVG, without colours. */
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly fill?: Tone;
  readonly stroke?: Tone;
  /** Of a `text`. */
  readonly text?: string;
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** One sentence that says what is seen, for those who do not see it. */
  readonly description: string;
  readonly marks: readonly Mark[];
}

interface LabelOptions {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
  readonly tone?: Tone;
}

export function label(
  text: string,
  x: number,
  y: number,
  { size = 11, anchor = 'start', bold = false, tone = 'soft' }: LabelOptions = {},
): Mark {
  return {
    tag: 'text',
    attributes: {
      ...{ x: rounded(x), y: rounded(y), 'font-size': size, 'text-anchor': anchor },
      ...(bold && { 'font-weight': 600 }),
    },
    fill: tone,
    text,
  };
}

export function line(
  points: readonly (readonly [number, number])[],
  stroke: Tone,
  width = 1,
  dash = '',
): Mark {
  const d = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${rounded(x)} ${rounded(y)}`).join('');
  return {
    tag: 'path',
    attributes: {
      ...{ d, fill: 'none', 'stroke-width': width, 'stroke-linejoin': 'round', 'stroke-linecap': 'round' },
      ...(dash && { 'stroke-dasharray': dash }),
    },
    stroke,
  };
}

export function dot(x: number, y: number, radius: number, fill: Tone, opacity = 1): Mark {
  return {
    tag: 'circle',
    attributes: { cx: rounded(x), cy: rounded(y), r: radius, 'fill-opacity': opacity },
    fill,
  };
}

export const rounded = (value: number): number => Math.round(value * 10) / 10;
