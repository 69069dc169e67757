import { expect, test } from 'vitest';
import { setsOf } from '../../renderer/state/pickedSets.ts';

const sets = (...paths: string[]) =>
  setsOf(paths.map((path) => ({ path, file: new File([], path) }))).map((set) => set.map(({ path }) => path));

test('a text without pictures is a set of prompts, beside pictures it is a caption', () => {
  expect(sets('birds.txt')).toEqual([['birds.txt']]);
  expect(sets('birds.TXT', 'more.txt', 'all.zip')).toEqual([['birds.TXT'], ['more.txt'], ['all.zip']]);
  expect(sets('a.png', 'a.txt')).toEqual([['Pictures/a.png', 'Pictures/a.txt']]);
  expect(sets('Birds/a.png', 'Birds/a.txt')).toEqual([['Birds/a.png', 'Birds/a.txt']]);
});

test('folders dropped together are classes of one set', () => {
  expect(sets('herons/a.png', 'wrens/b.png')).toEqual([['Pictures/herons/a.png', 'Pictures/wrens/b.png']]);
  expect(sets('notes.md', '.hidden.txt')).toEqual([]);
});
