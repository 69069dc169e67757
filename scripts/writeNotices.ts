/** Writes `dist/THIRD-PARTY.txt`: the licences of everything that installers carry, which they show beside the app. */
import { getProjectLicenses } from 'generate-license-file';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const rule = `\n\n${'-'.repeat(80)}\n\n`;

/** Node itself, which developers run this with: installers leave it out. */
const isNode = (name: string): boolean => /^node-(bin-)?(linux|darwin|win)-/.test(name);

const licences = await getProjectLicenses(path.join(root, 'package.json'));
const packages = licences.flatMap(({ dependencies, content, notices }) => {
  const carried = dependencies.filter((name) => !isNode(name));
  const texts = [content, ...notices].map((text) => text.trim());
  return carried.length === 0 ? [] : [[carried.join('\n'), ...texts].join('\n\n')];
});
// Written by the build, of what is bundled into the window.
const window = await readFile(path.join(root, 'dist/renderer/licences.md'), 'utf8');
const file = path.join(root, 'dist/THIRD-PARTY.txt');
await mkdir(path.dirname(file), { recursive: true });
await writeFile(file, ['Stillroom carries these works of others.', ...packages, window.trim()].join(rule));
console.log(`${file}: ${packages.length} licences and the window’s.`);
