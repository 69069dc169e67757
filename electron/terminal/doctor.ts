/** The doctor's findings as text: which backend won and why, how fast it is, and what is in the way. */
import type { CandidateReport } from '../../engine/tensor/backends/selectionReport.ts';
import type { DoctorReport } from '../../engine/tensor/doctor.ts';
import type { Palette } from './colour.ts';
import { formatBytes, formatSeconds } from './quantities.ts';
import { renderTable } from './table.ts';
import { pad, plainLine, wrap } from './textWidth.ts';

const marks = { chosen: '✓', slower: '·', unavailable: '✗', 'not tried': '·' } as const;
const indent = '      ';

/** Ends with a line feed; prose is wrapped at `width` columns. */
export function renderDoctor(report: DoctorReport, palette: Palette, width = 100): string {
  const sections = [
    section('This computer', describeSystem(report.system), palette),
    `${palette.bold('Backends')}\n${report.backends.candidates
      .map((candidate) => describeCandidate(candidate, palette, width))
      .join('\n')}`,
    describeSpeed(report.backends.candidates, palette),
    section('On disk', describeDisk(report, palette), palette),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function section(title: string, facts: readonly (readonly [string, string])[], palette: Palette): string {
  const width = Math.max(...facts.map(([label]) => label.length));
  const lines = facts.map(([label, value]) => `  ${palette.dim(pad(label, width))}  ${value}`);
  return [palette.bold(title), ...lines].join('\n');
}

function describeSystem(system: DoctorReport['system']): [string, string][] {
  const { memoryBytes, freeMemoryBytes, residentBytes } = system;
  return [
    ['system', `${system.platform}, ${system.release}`],
    ['processor', `${plainLine(system.processor)}, ${system.threads} threads`],
    ['memory', `${formatBytes(memoryBytes)}, ${formatBytes(freeMemoryBytes)} free`],
    ['used here', formatBytes(residentBytes)],
    ['node', system.nodeVersion],
  ];
}

function describeCandidate(candidate: CandidateReport, palette: Palette, width: number): string {
  const { name, outcome, device, version, threads, reason } = candidate;
  const colour = {
    chosen: palette.good,
    slower: palette.dim,
    unavailable: palette.warning,
    'not tried': palette.dim,
  };
  const facts = [version, device, threads === undefined ? undefined : `${threads} threads`];
  const about = facts.filter((fact) => fact !== undefined).join(' · ');
  const title = `  ${colour[outcome](marks[outcome])}   ${palette.bold(name)}  ${colour[outcome](outcome)}`;
  return [
    title,
    ...(about ? [indent + palette.dim(plainLine(about))] : []),
    ...wrap(plainLine(reason), width - indent.length).map((line) => indent + line),
  ].join('\n');
}

function describeSpeed(candidates: readonly CandidateReport[], palette: Palette): string {
  const rows = candidates.flatMap(({ name, measured, activationMilliseconds }) =>
    measured
      ? [
          [
            name,
            measured.trainingStepMilliseconds / 1000,
            1000 / measured.trainingStepMilliseconds,
            measured.matmulGigaflops,
            measured.matmulSize,
            activationMilliseconds === undefined ? null : activationMilliseconds / 1000,
          ],
        ]
      : [],
  );
  if (rows.length === 0) return '';
  return renderTable(
    {
      title: 'Speed, measured',
      columns: [
        { label: 'backend' },
        { label: 'training step', best: 'lowest', format: formatSeconds },
        { label: 'steps', unit: 'per second', best: 'highest' },
        { label: 'matmul', unit: 'GFLOP/s', best: 'highest' },
        { label: 'of size', format: (size) => `${size}×${size}` },
        { label: 'start', format: formatSeconds },
      ],
      rows,
    },
    palette,
  ).trimEnd();
}

function describeDisk({ engine, cache }: DoctorReport, palette: Palette): [string, string][] {
  const facts: [string, string][] = [['cache', `${cache.folder}, ${formatBytes(cache.bytes)}`]];
  if (!engine) {
    const advice = palette.warning('not installed');
    return [
      ...facts,
      ['native engine', `${advice}: \`npm run engine:install\` makes training several times faster`],
    ];
  }
  const { found, faults } = engine;
  facts.push(
    ['native engine', `TensorFlow ${found.tensorflowVersion}, ${found.variant}`],
    ['in', found.folder],
  );
  if (faults.length === 0) return [...facts, ['its files', palette.good('all as they were installed')]];
  for (const { path, reason } of faults) facts.push(['fault', palette.bad(`${plainLine(path)}: ${reason}`)]);
  return facts;
}
