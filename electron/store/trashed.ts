/** Leaves what is in the trash out of a query: its rows stay in their tables, so that it can come back as it was. */
import type { ExpressionBuilder, SqlBool, Expression } from 'kysely';
import type { Tables } from './tables.ts';

type Discardable = 'projects' | 'runs' | 'galleryItems' | 'datasets';

/** `query.where(notTrashed)` */
export function notTrashed(rows: ExpressionBuilder<Tables, Discardable>): Expression<SqlBool> {
  return rows('id', 'not in', rows.selectFrom('trashed').select('trashed.id'));
}
