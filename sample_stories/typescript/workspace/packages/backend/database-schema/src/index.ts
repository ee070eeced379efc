import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'

export * from './schema'

/** Any PostgreSQL driver of Drizzle. */
export type Database = PgDatabase<PgQueryResultHKT>
