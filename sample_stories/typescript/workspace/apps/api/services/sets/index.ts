import { fail, ok, type Result } from '@repo/domain'
import type { AddSet, OwnedSet, SetsRepository } from './types'

/** The sets that a user owns. */
export const createSetsService = (repository: SetsRepository) => ({
  add: async (userId: string, set: AddSet): Promise<Result<OwnedSet, 'CONFLICT'>> => {
    const owned = await repository.insert({ ...set, userId })
    return owned ? ok(owned) : fail('CONFLICT')
  },

  list: (userId: string): Promise<OwnedSet[]> => repository.findByUser(userId),
})

export type SetsService = ReturnType<typeof createSetsService>
