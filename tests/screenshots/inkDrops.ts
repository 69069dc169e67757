/** A set of drawn ink drops for the pictures of the Data view, with some of the flaws that folders have. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

const inks = {
  copper: { colours: ['#c8703a', '#7d3a1c', '#f0b184'], drops: 26 },
  indigo: { colours: ['#3b55a8', '#1a2452', '#9fb4ea'], drops: 22 },
  moss: { colours: ['#6b8a3c', '#33471b', '#c3d69a'], drops: 16 },
} as const;

/** Classes by sub-folders, captions in text files; one copy, one tiny, one damaged and one animated file. */
export async function writeInkDrops(folder: string): Promise<void> {
  for (const [ink, { colours, drops }] of Object.entries(inks)) {
    await mkdir(path.join(folder, ink), { recursive: true });
    for (let drop = 1; drop <= drops; drop++) {
      const file = path.join(folder, ink, `${ink}-${String(drop).padStart(2, '0')}`);
      const count = 1 + (drop % 3);
      await sharp(Buffer.from(drawing(colours, drop, count)))
        .png()
        .toFile(`${file}.png`);
      await writeFile(
        `${file}.txt`,
        `${['one', 'two', 'three'][count - 1] ?? ''} ${ink} drop${count > 1 ? 's' : ''} on paper`,
      );
    }
  }
  const [copper, indigo, moss] = Object.keys(inks).map((ink) => path.join(folder, ink, `${ink}-01.png`));
  if (copper === undefined || indigo === undefined || moss === undefined) return;
  await copyFile(copper, path.join(folder, 'copper', 'copper-01 (copy).png'));
  await sharp(indigo)
    .resize(20)
    .png()
    .toFile(path.join(folder, 'indigo', 'thumbnail.png'));
  const damaged = await sharp(moss).png().toBuffer();
  await writeFile(path.join(folder, 'moss', 'half-copied.png'), damaged.subarray(0, damaged.length / 3));
  const frames = await Promise.all(
    [7, 8, 9].map((seed) =>
      sharp(Buffer.from(drawing(inks.moss.colours, seed, 1)))
        .png()
        .toBuffer(),
    ),
  );
  await sharp(frames, { join: { animated: true } })
    .gif()
    .toFile(path.join(folder, 'moss', 'spreading.gif'));
}

/** Drops of different sizes whose edges run into the paper. */
function drawing(
  [body, edge, light]: readonly [string, string, string],
  seed: number,
  count: number,
): string {
  const [width, height] = seed % 2 === 0 ? [300, 240] : [240, 300];
  const varied = (n: number, least: number, most: number) =>
    least + (most - least) * (((seed * 7 + n * 13) * 0.618) % 1);
  const turn = varied(1, 0, 2 * Math.PI);
  const drops = Array.from({ length: count }, (_, n) => {
    const angle = turn + (2 * Math.PI * n) / count;
    const away = count === 1 ? varied(2, 0, 16) : 66;
    const [x, y] = [width / 2 + away * Math.cos(angle), height / 2 + away * Math.sin(angle)];
    const radius = [74, 46, 40][count - 1] ?? 40;
    return `<circle cx="${x}" cy="${y}" r="${radius * varied(n + 9, 0.85, 1.1)}" fill="url(#ink)" stroke="${edge}" stroke-width="4" />
      <circle cx="${x - radius * 0.3}" cy="${y - radius * 0.34}" r="${radius * 0.2}" fill="${light}" opacity="0.85" />`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs>
      <radialGradient id="ink" cx="40%" cy="36%" r="70%">
        <stop offset="0" stop-color="${light}" /><stop offset="0.45" stop-color="${body}" /><stop offset="1" stop-color="${edge}" />
      </radialGradient>
      <filter id="bleed" x="-20%" y="-20%" width="140%" height="140%">
        <feTurbulence type="fractalNoise" baseFrequency="0.022" numOctaves="3" seed="${seed}" />
        <feDisplacementMap in="SourceGraphic" scale="34" xChannelSelector="R" yChannelSelector="G" />
      </filter>
    </defs>
    <rect width="100%" height="100%" fill="#f6f1e7" />
    <g filter="url(#bleed)">${drops.join('')}</g>
  </svg>`;
}
