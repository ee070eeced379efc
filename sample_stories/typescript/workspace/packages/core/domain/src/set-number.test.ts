import { describe, expect, it } from 'vitest'
import { SetNumberSchema } from './set-number'

describe('SetNumberSchema', () => {
  it.each(['10497', ' 10497 ', '10497-1'])('reads %s as the number on the box', raw => {
    expect(SetNumberSchema.parse(raw)).toBe('10497')
  })

  it('refuses words', () => {
    expect(SetNumberSchema.safeParse('Galaxy Explorer').success).toBe(false)
  })
})
