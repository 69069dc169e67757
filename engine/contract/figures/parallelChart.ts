/** Parallel coordinates of a sweep: an axis for each varied field and measure, a line for each variant's means. */
import { describeMeasure } from '../experiments/measures.ts';
import type { Report } from '../experiments/report.ts';
import { recipeLeaves } from '../recipeProblems.ts';
import { label, line, seriesTone, type Drawing, type Mark } from './drawing.ts';
import { linearAxis, tickText } from './scale.ts';

const [gap, side, top, height] = [150, 96, 44, 300];
const bottom = height - 20;
/** More axes cannot be read. */
const MOST_MEASURES = 4;

/** Between two lines that share a value. */
const BESIDE = 2.4;

/** A text that lines pass behind. */
const above = (mark: Mark): Mark => ({
  ...mark,
  attributes: { ...mark.attributes, 'paint-order': 'stroke', 'stroke-width': 4 },
  stroke: 'surface',
});

interface PlacedAxis {
  readonly name: string;
  readonly isField: boolean;
  readonly marks: readonly { readonly text: string; readonly y: number }[];
  /** Of a variant, by its index. */
  readonly places: readonly (number | undefined)[];
}

/** Undefined where fewer than two variants were measured. */
export function parallelChart({ rows, measures }: Report): Drawing | undefined {
  const variants = rows.filter(({ isBaseline, summary }) => !isBaseline && Object.keys(summary).length > 0);
  if (variants.length < 2) return undefined;
  const fields = [...new Set(variants.flatMap(({ changes }) => Object.keys(changes)))];
  const axes = [
    ...fields.map((path) =>
      fieldAxis(
        path,
        variants.map(({ changes }) => changes[path]),
      ),
    ),
    ...measures
      .filter((measure) => variants.some(({ summary }) => summary[measure]))
      .slice(0, MOST_MEASURES)
      .map((measure) =>
        measureAxis(
          describeMeasure(measure).label,
          variants.map(({ summary }) => summary[measure]?.mean),
        ),
      ),
  ];
  const xOf = (index: number) => side + index * gap;
  const marks: Mark[] = axes.flatMap(({ name }, index) => [
    label(name, xOf(index), 18, { anchor: 'middle', tone: 'ink', bold: true }),
    line(
      [
        [xOf(index), top],
        [xOf(index), bottom],
      ],
      'line',
      1.5,
    ),
  ]);
  variants.forEach((_, variant) => {
    // Variants of one value lie side by side there, so that each can be followed.
    const beside = (variant - (variants.length - 1) / 2) * BESIDE;
    const points = axes.flatMap(({ places, isField }, index): [number, number][] => {
      const y = places[variant];
      return y === undefined ? [] : [[xOf(index), y + (isField ? beside : 0)]];
    });
    marks.push(line(points, seriesTone(variant), 1.8));
  });
  const ticks = axes.flatMap(({ marks: all }, index) =>
    all.map(({ text, y }) => above(label(text, xOf(index) - 8, y + 4, { anchor: 'end', size: 10 }))),
  );
  marks.push(...ticks);
  return {
    ...{ width: 2 * side + (axes.length - 1) * gap, height, marks },
    description: `Parallel coordinates of ${variants.length} variants over ${axes.map(({ name }) => name).join(', ')}.`,
  };
}

/** Each value that occurs has its own place, numbers in their order. */
function fieldAxis(path: string, values: readonly unknown[]): PlacedAxis {
  const name = recipeLeaves.find((leaf) => leaf.path === path)?.info.label ?? path;
  const distinct = [...new Set(values)].sort((a, b) =>
    typeof a === 'number' && typeof b === 'number'
      ? a - b
      : JSON.stringify(a).localeCompare(JSON.stringify(b)),
  );
  const yOf = (index: number) =>
    distinct.length < 2 ? (top + bottom) / 2 : bottom - (index / (distinct.length - 1)) * (bottom - top);
  return {
    ...{ name, isField: true },
    marks: distinct.map((value, i) => ({
      text:
        typeof value === 'number'
          ? tickText(value)
          : typeof value === 'string'
            ? value
            : JSON.stringify(value),
      y: yOf(i),
    })),
    places: values.map((value) => yOf(distinct.indexOf(value))),
  };
}

function measureAxis(name: string, values: readonly (number | undefined)[]): PlacedAxis {
  const axis = linearAxis(
    values.flatMap((value) => value ?? []),
    bottom,
    top,
  );
  return {
    ...{ name, isField: false },
    marks: axis.ticks.map((tick) => ({ text: tickText(tick), y: axis.place(tick) })),
    places: values.map((value) => (value === undefined ? undefined : axis.place(value))),
  };
}
