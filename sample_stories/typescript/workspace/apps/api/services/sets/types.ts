import { SetNumberSchema } from '@repo/domain'
import { z } from 'zod'

export const AddSetSchema = z.object({
  setNumber: SetNumberSchema,
  title: z.string().trim().min(1).max(200),
})

export type AddSet = z.infer<typeof AddSetSchema>

export type SetDraft = AddSet & { userId: string }

export type OwnedSet = SetDraft & { id: string; createdAt: Date }

/** The port that keeps owned sets. `insert` gives null when the user owns the set already. */
export type SetsRepository = {
  insert: (draft: SetDraft) => Promise<OwnedSet | null>
  findByUser: (userId: string) => Promise<OwnedSet[]>
}
