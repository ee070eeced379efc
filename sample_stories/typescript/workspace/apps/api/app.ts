import type { Database } from '@repo/database-schema'
import { Hono } from 'hono'
import { createSetsRepository } from './adapters/sets-repository'
import { createSetsRoutes } from './routes/sets'
import { requireUser, type WithUser } from './routes/user'
import { createSetsService } from './services/sets'

/** Puts the application together: adapters into services, services into routes. */
export const createApp = (db: Database) =>
  new Hono<WithUser>()
    .use(requireUser)
    .route('/sets', createSetsRoutes(createSetsService(createSetsRepository(db))))
