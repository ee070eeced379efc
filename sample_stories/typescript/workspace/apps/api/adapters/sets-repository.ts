import { ownedSets, type Database } from '@repo/database-schema'
import { asc, eq } from 'drizzle-orm'
import type { SetsRepository } from '../services/sets/types'

export const createSetsRepository = (db: Database): SetsRepository => ({
  insert: async draft => {
    const [row] = await db.insert(ownedSets).values(draft).onConflictDoNothing().returning()
    return row ?? null
  },

  findByUser: userId =>
    db.select().from(ownedSets).where(eq(ownedSets.userId, userId)).orderBy(asc(ownedSets.setNumber)),
})
