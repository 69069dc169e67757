import { expect, test } from 'vitest';
import type { LibraryNode } from '../../engine/contract/messages/library.ts';
import { layOut } from '../../renderer/parts/library/lineage.ts';

const node = (
  key: string,
  kind: LibraryNode['kind'],
  parents: LibraryNode['parents'] = [],
  createdAt: string | null = null,
): LibraryNode => ({
  ...{ key, kind, parents, createdAt, name: key, projectName: null, runId: null, status: null },
  ...{ bytes: 0, checkpoints: 0, canExport: false },
});
const own = [
  { key: 'data', relation: 'data' as const },
  { key: 'teacher', relation: 'teacher' as const },
];
const forkOf = (key: string) => [{ key, relation: 'fork' as const }, ...own];

test('students stand right of their teacher, forks right of what they began from, even listed before it', () => {
  const { placed, edges } = layOut([
    node('fork of fork', 'student', forkOf('fork'), '2026-01-03T00:00:00Z'),
    node('fork', 'student', forkOf('first'), '2026-01-02T00:00:00Z'),
    node('first', 'student', own, '2026-01-01T00:00:00Z'),
    node('orphan', 'student', forkOf('in the trash'), '2026-01-04T00:00:00Z'),
    node('data', 'data'),
    node('teacher', 'teacher'),
  ]);
  expect(placed.map(({ node: { key }, depth, index }) => [key, depth, index])).toEqual([
    ['data', 0, 0],
    ['teacher', 1, 0],
    ['first', 2, 0],
    ['fork', 3, 0],
    ['fork of fork', 4, 0],
    ['orphan', 2, 1],
  ]);
  expect(edges.map(({ from, to }) => `${from.node.key} → ${to.node.key}`)).toEqual([
    'data → first',
    'teacher → first',
    'first → fork',
    'fork → fork of fork',
    'data → orphan',
    'teacher → orphan',
  ]);
});
