/** The benchmark's results as one HTML file that needs nothing else. */
import { html, Markup } from '../../electron/features/comparison/page/html.ts';
import { formatBytes, formatNumber, formatSeconds } from '../../electron/terminal/quantities.ts';
import type { ComparisonResult } from './comparePytorch.ts';
import type { BackendResult } from './measureBackend.ts';
import type { GrowthCurve } from './measureGrowth.ts';
import { barChart, lineChart } from './plots.ts';
import type { Bench } from './results.ts';
import type { Spread } from './statistics.ts';

const style = new Markup(`
body { font: 15px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
svg { width: 100%; font: 12px system-ui, sans-serif; }
h2 { margin-top: 2.5rem; font-size: 1.15rem; }
p { color: #555; }`);

export function renderPage(bench: Bench): string {
  const { system, command, measuredAt } = bench;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>Stillroom benchmark</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <h1>Stillroom benchmark</h1>
        <p>
          ${system.processor}, ${system.threads} threads, Node ${system.node}. ${measuredAt}: ${command}. Load
          average at the end ${system.loadAverage.map(formatNumber).join(', ')}.
        </p>
        ${bench.backends.flatMap((answer) => ('unavailable' in answer ? [] : [backendSection(answer)]))}
        ${growthSections(bench.growth)} ${bench.comparisons.map(comparisonSection)}
      </body>
    </html>`;
  return page.source;
}

const barOf = (name: string, { median, lowest, highest }: Spread, scale = 1) => ({
  name,
  value: scale * median,
  lowest: scale * lowest,
  highest: scale * highest,
});

function backendSection({ backend, version, workloads, sampling, matmulGigaflops }: BackendResult): Markup {
  const rates = workloads.map(({ name, secondsPerIteration, gigaflopPerIteration }) => {
    const share = (seconds: number) => (100 * gigaflopPerIteration) / seconds / matmulGigaflops.median;
    const { median, lowest, highest } = secondsPerIteration;
    return { name, value: share(median), lowest: share(highest), highest: share(lowest) };
  });
  const images = sampling.map(({ size, kind, steps, imagesPerSecond }) =>
    barOf(`${size} ${kind}, ${steps} steps`, imagesPerSecond),
  );
  return html`<h2>${backend} (${version}): share of the measured matrix product, %</h2>
    ${barChart(rates)}
    ${images.length > 0 ? [html`<h2>${backend}: images a second, from noise to PNG</h2>`, barChart(images)] : []}`;
}

function growthSections(curves: readonly GrowthCurve[]): Markup {
  if (curves.length === 0) return html``;
  const named = curves.map((curve) => ({ ...curve, name: `${curve.size} ${curve.kind}` }));
  const time = named.map(({ name, points }) => ({
    name,
    points: points.map(({ batch, secondsPerIteration }) => ({ x: batch, y: secondsPerIteration.median })),
  }));
  const memory = named.map(({ name, points }) => ({
    name,
    points: points.map((point) => ({ x: point.batch, y: Math.max(1, point.memory.peakBytes) })),
    expected: points.map(({ batch, memory: { stateBytes, activationBytes } }) => ({
      x: batch,
      y: stateBytes + activationBytes,
    })),
  }));
  const fits = named.flatMap(({ name, fit }) =>
    fit ? [html`<li>${name}: ${formatSeconds(fit.slope)} an image, R² ${fit.rSquared.toFixed(4)}</li>`] : [],
  );
  return html`<h2>Time of an iteration against batch</h2>
    ${lineChart({ x: 'batch', y: 'seconds', format: formatSeconds }, time)}
    <ul>
      ${fits}
    </ul>
    <h2>Memory against batch</h2>
    <p>
      Peak over the backend's own; dashed: weights, averages and moments, and the activations of one forward
      pass.
    </p>
    ${lineChart({ x: 'batch', y: 'bytes', format: formatBytes }, memory)}`;
}

function comparisonSection({ name, batch, contenders }: ComparisonResult): Markup {
  const bars = contenders.map((one) => barOf(one.name, one.secondsPerIteration));
  return html`<h2>${name}, batch ${batch}: time of an iteration</h2>
    ${barChart(bars, formatSeconds)}`;
}
