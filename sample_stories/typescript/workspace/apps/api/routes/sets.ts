import { Hono } from 'hono'
import type { SetsService } from '../services/sets'
import { AddSetSchema } from '../services/sets/types'
import { readJson } from './read-json'
import type { WithUser } from './user'

export const createSetsRoutes = (sets: SetsService) =>
  new Hono<WithUser>()
    .post('/', async c => {
      const body = await readJson(c, AddSetSchema)
      if (!body.ok) return body.response
      const added = await sets.add(c.get('userId'), body.value)
      return added.ok ? c.json(added.value, 201) : c.json({ error: added.error }, 409)
    })
    .get('/', async c => c.json({ sets: await sets.list(c.get('userId')) }))
