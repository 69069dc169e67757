/** A comparison with plausible numbers and drawn images, for tests of the report. */
import type { Comparison } from '../../electron/features/comparison/comparison.ts';
import type { FloatImages } from '../../engine/data/png.ts';

/** `count` discs on white in different colours, washed out by `haze` 0 … 1 and pulled towards black and white by `contrast`. */
export function drawDiscs(count: number, size = 32, haze = 0, contrast = 1): FloatImages {
  const data = new Float32Array(count * size * size * 3);
  for (let i = 0; i < data.length; i++) {
    const channel = i % 3;
    const pixel = Math.floor(i / 3) % (size * size);
    const image = Math.floor(i / (3 * size * size));
    const [x, y] = [pixel % size, Math.floor(pixel / size)];
    const isInside = Math.hypot(x - size / 2, y - size / 2) < size * (0.25 + 0.02 * image);
    const value = isInside ? Math.sin(image * 2.4 + channel * 2.1 + (y / size) * 1.5) : 0.95;
    const noise = (((i * 2654435761) % 4096) / 2048 - 1) * haze;
    data[i] = Math.max(-1, Math.min(1, (value * (1 - haze) + noise) * contrast));
  }
  return { data, count, height: size, width: size };
}

const seedsOfStrips = 4;

export function sampleComparison(
  draw: typeof drawDiscs = drawDiscs,
  prompts: readonly string[] = [
    'a red apple',
    'a happy cat',
    'flag: Japan',
    'an owl',
    'a slice of cake',
    'a snail',
  ],
): Comparison {
  const images = (haze: number, contrast = 1) => draw(prompts.length, 32, haze, contrast);
  const strip = (label: string, description: string, rise: number, haze: (share: number) => number) => ({
    label,
    description,
    frames: Array.from({ length: 11 }, (_, index) => ({
      iteration: index * 15,
      images: draw(seedsOfStrips, 32, haze(index / 10), 1 + (rise * index) / 10),
      xStd: 0.52 + (rise * index) / 60,
      metrics: { loss: 0.31 / (1 + index / 4), dm_cos: 0.97 - 0.004 * index },
    })),
  });
  return {
    title: 'One step instead of fifty',
    createdAt: '2026-02-11T09:30:00.000Z',
    seedInfo: 'seeds 1 to 6, the same noise in every column',
    prompts,
    columns: [
      {
        id: 'teacher-50',
        label: 'Teacher, 50 steps',
        description: 'Euler, guidance 2.5',
        kind: 'reference',
        steps: 50,
        evaluations: 100,
        secondsPerImage: 1.92,
        images: images(0),
        metrics: { fdToReal: 11.3, recall: 0.81, outOfRange: 0.042, precision: 0.61, saturation: 0.34 },
      },
      {
        id: 'teacher-4',
        label: 'Teacher, 4 steps',
        description: 'Euler, guidance 2.5',
        kind: 'baseline',
        steps: 4,
        evaluations: 8,
        secondsPerImage: 0.156,
        images: images(0.35),
        metrics: {
          fdToReal: 48.6,
          recall: 0.44,
          outOfRange: 0.131,
          precision: 0.47,
          saturation: 0.29,
          fdToTeacher: 0.31,
        },
      },
      {
        id: 'untrained-1',
        label: 'Teacher, 1 step',
        description: 'Untrained as a student',
        kind: 'baseline',
        steps: 1,
        evaluations: 1,
        secondsPerImage: 0.021,
        images: images(0.6, 0.6),
        metrics: {
          fdToReal: 142,
          recall: 0.03,
          outOfRange: 0.388,
          precision: 0.12,
          saturation: 0.11,
          fdToTeacher: 0.58,
        },
      },
      {
        id: 'ddmd-4',
        label: 'd-DMD, 4 steps',
        description: 'decoupled-hybrid, 150 iterations',
        kind: 'student',
        steps: 4,
        evaluations: 4,
        secondsPerImage: 0.081,
        images: images(0.06, 1.06),
        metrics: {
          fdToReal: 15.8,
          recall: 0.69,
          outOfRange: 0.051,
          precision: 0.56,
          saturation: 0.36,
          fdToTeacher: 0.22,
        },
      },
      {
        id: 'ddmd-1',
        label: 'd-DMD, 1 step',
        description: 'decoupled-hybrid, 150 iterations',
        kind: 'student',
        steps: 1,
        evaluations: 1,
        secondsPerImage: 0.021,
        images: images(0.12, 1.1),
        metrics: {
          fdToReal: 19.4,
          recall: 0.58,
          outOfRange: 0.067,
          precision: 0.52,
          saturation: 0.38,
          fdToTeacher: 0.27,
        },
      },
      {
        id: 'ca-1',
        label: 'CA alone, 1 step',
        description: 'The spear without the shield',
        kind: 'student',
        steps: 1,
        evaluations: 1,
        secondsPerImage: 0.021,
        images: images(0.05, 1.8),
        metrics: {
          fdToReal: 61.2,
          recall: 0.21,
          outOfRange: 0.21,
          precision: 0.49,
          saturation: 0.71,
          fdToTeacher: 0.49,
        },
      },
    ],
    strips: [
      strip(
        'CA + DM',
        'decoupled-hybrid, 1 step: the shield holds',
        0.3,
        (share) => 0.55 * (1 - share) ** 2 + 0.08,
      ),
      strip(
        'CA alone',
        'The spear without its shield over-saturates',
        2.4,
        (share) => 0.55 * (1 - share) ** 2,
      ),
      strip('DM alone', 'Stable, and weak', -0.15, (share) => 0.55 - 0.2 * share),
    ],
    recipes: {
      'd-DMD, 1 step': {
        version: 1,
        student: { steps: 1 },
        guidance: { scale: 2.5 },
        renoising: { schedule: 'decoupled-hybrid' },
      },
      'CA alone, 1 step': { version: 1, student: { steps: 1 }, distributionMatching: { weight: 0 } },
    },
    notes: [
      'Distances are computed from 1,024 samples against the demo set; with so few, differences below 2 mean nothing.',
      'Times are of a batch of 32 divided by 32, after one batch to warm up.',
      'The teacher itself was trained for an hour and makes mistakes that every student inherits.',
    ],
    environment: {
      Backend: 'tensorflow 2.18.1',
      Device: 'a processor with 8 threads',
      Precision: 'float32',
      Node: '24.21.0',
    },
    dataStd: 0.58,
  };
}
