/** Plain charts as SVG: lines on two logarithmic axes, and horizontal bars. */
import { html, type Markup } from '../../electron/features/comparison/page/html.ts';
import { formatNumber } from '../../electron/terminal/quantities.ts';

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** Drawn dashed in the same colour. */
  readonly expected?: readonly Point[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly lowest: number;
  readonly highest: number;
}

const colours = ['#4e79a7', '#e15759', '#59a14f', '#b07aa1', '#f28e2b', '#76b7b2'];
const [width, height, left, right, top, bottom] = [640, 380, 70, 190, 16, 44];
const barHeight = 22;
const barLeft = 290;

/** Every power of ten and its half that lies in the range, so that even a narrow one has labels. */
function ticks(low: number, high: number): number[] {
  const start = Math.floor(Math.log10(low));
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) - start + 1 }, (_, i) => 10 ** (start + i));
  return powers
    .flatMap((power) => [power, 2 * power, 5 * power])
    .filter((tick) => tick >= low && tick <= high);
}

/** All values must be above zero. */
export function lineChart(
  labels: { readonly x: string; readonly y: string; readonly format: (value: number) => string },
  series: readonly Series[],
): Markup {
  const all = series.flatMap(({ points, expected = [] }) => [...points, ...expected]);
  const scale = (values: readonly number[], from: number, to: number) => {
    const [low, high] = [Math.min(...values) / 1.15, Math.max(...values) * 1.15];
    const span = Math.log(high / low);
    return { low, high, at: (value: number) => from + ((to - from) * Math.log(value / low)) / span };
  };
  const x = scale(
    all.map((point) => point.x),
    left,
    width - right,
  );
  const y = scale(
    all.map((point) => point.y),
    height - bottom,
    top,
  );
  const batches = [...new Set(all.map((point) => point.x))];
  const path = (points: readonly Point[]) =>
    points.map((point) => `${x.at(point.x).toFixed(1)},${y.at(point.y).toFixed(1)}`).join(' ');
  const lines = series.map(({ name, points, expected = [] }, i) => {
    const colour = colours[i % colours.length] ?? '#000';
    return html`<g fill="none" stroke="${colour}" stroke-width="2">
        <polyline points="${path(points)}" />
        <polyline points="${path(expected)}" stroke-dasharray="4 4" />
      </g>
      <g fill="${colour}">
        ${points.map((point) => html`<circle cx="${x.at(point.x)}" cy="${y.at(point.y)}" r="3" />`)}
        <text x="${width - right + 12}" y="${top + 16 + 20 * i}">${name}</text>
      </g>`;
  });
  const grid = [
    ...ticks(y.low, y.high).map(
      (tick) =>
        html`<path d="M${left} ${y.at(tick)}H${width - right}" stroke="#ddd" />
          <text x="${left - 8}" y="${y.at(tick) + 4}" text-anchor="end">${labels.format(tick)}</text>`,
    ),
    ...batches.map(
      (tick) => html`<text x="${x.at(tick)}" y="${height - bottom + 18}" text-anchor="middle">${tick}</text>`,
    ),
  ];
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${labels.y} against ${labels.x}">
    ${grid}${lines}
    <text x="${(left + width - right) / 2}" y="${height - 6}" text-anchor="middle">${labels.x}</text>
    <text x="4" y="12">${labels.y}</text>
  </svg>`;
}

/** Medians with whiskers from the lowest to the highest value. */
export function barChart(bars: readonly Bar[], format: (value: number) => string = formatNumber): Markup {
  const most = Math.max(...bars.map(({ highest }) => highest));
  const at = (value: number) => barLeft + ((width - barLeft - 90) * value) / most;
  const total = bars.length * barHeight + 8;
  const drawn = bars.map(({ name, value, lowest, highest }, i) => {
    const y = 4 + i * barHeight;
    const middle = y + barHeight / 2 - 2;
    return html`<text x="${barLeft - 8}" y="${middle + 5}" text-anchor="end">${name}</text>
      <rect x="${barLeft}" y="${y}" width="${at(value) - barLeft}" height="${barHeight - 6}" fill="#9fb8d3" />
      <path d="M${at(lowest)} ${middle}H${at(highest)}" stroke="#1d3c5e" stroke-width="2" />
      <text x="${at(highest) + 6}" y="${middle + 5}">${format(value)}</text>`;
  });
  return html`<svg viewBox="0 0 ${width} ${total}" role="img">${drawn}</svg>`;
}
