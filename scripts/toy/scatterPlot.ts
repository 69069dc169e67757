/** Panels of points as one SVG: a colour a class, the same axes everywhere. */
import type { LabelledPoints } from '../../engine/metrics/slicedWasserstein.ts';

export interface Panel {
  readonly title: string;
  readonly sample: LabelledPoints;
}

/** Points a panel; more only blacken it. */
const shown = 1_600;
const [columns, side, margin, heading] = [4, 240, 12, 24];
/** Largest coordinate shown, in deviations of the data; what lies beyond is drawn at the edge. */
const reach = 3;
const colours = ['#4e79a7', '#f28e2b', '#e15759', '#76b7b2', '#59a14f', '#edc948', '#b07aa1', '#9c755f'];

export function scatterPlot(panels: readonly Panel[]): string {
  const width = columns * (side + margin) + margin;
  const height = Math.ceil(panels.length / columns) * (side + heading + margin) + margin;
  const drawn = panels.map((panel, i) => {
    const x = margin + (i % columns) * (side + margin);
    const y = margin + Math.floor(i / columns) * (side + heading + margin);
    return `<g transform="translate(${x} ${y})">${drawPanel(panel)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif">
<rect width="${width}" height="${height}" fill="#fff"/>
${drawn.join('\n')}
</svg>
`;
}

function drawPanel({ title, sample: { points, classes } }: Panel): string {
  const place = (value = NaN) =>
    (((Math.max(-reach, Math.min(reach, value)) / reach) * 0.98 + 1) * side * 0.5).toFixed(1);
  const dots = colours.map(() => '');
  for (let i = 0; i < Math.min(shown, points.count); i++) {
    const label = classes[i] ?? 0;
    const [x, y] = [place(points.values[2 * i]), place(-(points.values[2 * i + 1] ?? NaN))];
    dots[label] = `${dots[label] ?? ''}M${x} ${y}h0`;
  }
  const paths = dots.map((path, label) => `<path d="${path}" stroke="${colours[label] ?? '#000'}"/>`);
  return `<text y="15" font-size="9.5">${title}</text>
<g transform="translate(0 ${heading})" stroke-width="2.4" stroke-linecap="round" stroke-opacity="0.7">
<rect width="${side}" height="${side}" fill="none" stroke="#ccc" stroke-width="1"/>
${paths.join('\n')}
</g>`;
}
