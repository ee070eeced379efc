import { z } from 'zod'

/** The number on the box: `10497` for `10497`, ` 10497 ` and `10497-1` (shops add the variant, the box has none). */
export const SetNumberSchema = z
  .string()
  .trim()
  .regex(/^\d{3,7}(-\d+)?$/, 'not a set number')
  .transform(raw => raw.replace(/-\d+$/, ''))
