/** Where each node of the lineage stands: data, teachers, students and then forks of forks, from left to right. */
import type { LibraryNode } from '../../../engine/contract/messages/library.ts';

export interface Placed {
  readonly node: LibraryNode;
  /** Column, from 0. */
  readonly depth: number;
  /** Place in its column, from 0. */
  readonly index: number;
}

export interface Edge {
  readonly from: Placed;
  readonly to: Placed;
  readonly relation: LibraryNode['parents'][number]['relation'];
}

/** Oldest first in each column. Edges to what is not there, e.g. in the trash, are left out. */
export function layOut(nodes: readonly LibraryNode[]): { readonly placed: Placed[]; readonly edges: Edge[] } {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const depths = new Map<string, number>();
  const depthOf = (node: LibraryNode): number => {
    const known = depths.get(node.key);
    if (known !== undefined) return known;
    const least = { data: 0, teacher: 1, student: 2 }[node.kind];
    depths.set(node.key, least);
    const forked = node.parents
      .filter(({ relation }) => relation === 'fork')
      .flatMap(({ key }) => byKey.get(key) ?? [])
      .map((parent) => depthOf(parent) + 1);
    const depth = Math.max(least, ...forked);
    depths.set(node.key, depth);
    return depth;
  };
  const counts = new Map<number, number>();
  const inOrder = [...nodes].sort((a, b) => (a.createdAt ?? '').localeCompare(b.createdAt ?? ''));
  const placed = inOrder.map((node) => {
    const depth = depthOf(node);
    const index = counts.get(depth) ?? 0;
    counts.set(depth, index + 1);
    return { node, depth, index };
  });
  const places = new Map(placed.map((place) => [place.node.key, place]));
  const edges = placed.flatMap((to) =>
    ownParents(to.node, byKey).flatMap(({ key, relation }) => {
      const from = places.get(key);
      return from ? [{ from, to, relation }] : [];
    }),
  );
  return { placed, edges };
}

/** Without what its other parents tell already: a fork's teacher and data, and the data that its teacher learnt. */
function ownParents(
  { parents }: LibraryNode,
  byKey: ReadonlyMap<string, LibraryNode>,
): LibraryNode['parents'] {
  const forks = parents.filter(({ relation, key }) => relation === 'fork' && byKey.has(key));
  if (forks.length > 0) return forks;
  const learnt = new Set(
    parents
      .filter(({ relation }) => relation === 'teacher')
      .flatMap(({ key }) => byKey.get(key)?.parents.map((parent) => parent.key) ?? []),
  );
  return parents.filter(({ relation, key }) => relation !== 'data' || !learnt.has(key));
}
