import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { createSetsRoutes } from '../routes/sets'
import { requireUser, type WithUser } from '../routes/user'
import { createSetsService } from '../services/sets'
import type { OwnedSet, SetsRepository } from '../services/sets/types'

const inMemory = (): SetsRepository => {
  const kept: OwnedSet[] = []
  return {
    insert: async draft => {
      if (kept.some(set => set.userId === draft.userId && set.setNumber === draft.setNumber)) return null
      const owned = { ...draft, id: `set-${kept.length + 1}`, createdAt: new Date('2026-02-06T10:00:00Z') }
      kept.push(owned)
      return owned
    },
    findByUser: async userId => kept.filter(set => set.userId === userId),
  }
}

const app = () =>
  new Hono<WithUser>().use(requireUser).route('/sets', createSetsRoutes(createSetsService(inMemory())))

const post = (to: ReturnType<typeof app>, body: string) =>
  to.request('/sets', { method: 'POST', body, headers: { 'x-user-id': 'ada' } })

const galaxyExplorer = JSON.stringify({ setNumber: '10497-1', title: 'Galaxy Explorer' })

describe('sets', () => {
  it('adds a set and lists it', async () => {
    const sets = app()
    expect((await post(sets, galaxyExplorer)).status).toBe(201)
    const listed = await sets.request('/sets', { headers: { 'x-user-id': 'ada' } })
    expect(await listed.json()).toMatchObject({ sets: [{ setNumber: '10497', title: 'Galaxy Explorer' }] })
  })

  it('answers 409 for a set that is on the shelf', async () => {
    const sets = app()
    await post(sets, galaxyExplorer)
    expect((await post(sets, galaxyExplorer)).status).toBe(409)
  })

  it('answers 400 for a body that is no JSON', async () => {
    expect((await post(app(), 'Galaxy Explorer')).status).toBe(400)
  })

  it('answers 401 without a user', async () => {
    expect((await app().request('/sets')).status).toBe(401)
  })
})
