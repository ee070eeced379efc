import type { Context } from 'hono'
import type { z } from 'zod'

type Read<T> = { ok: true; value: T } | { ok: false; response: Response }

/** The request's body as `schema` gives it, or the 400 that says what is wrong. A body that is no JSON is a 400, too. */
export const readJson = async <S extends z.ZodType>(c: Context, schema: S): Promise<Read<z.infer<S>>> => {
  const body: unknown = await c.req.json().catch(() => undefined)
  const parsed = schema.safeParse(body)
  if (parsed.success) return { ok: true, value: parsed.data }
  const issues = parsed.error.issues.map(issue => ({ path: issue.path.join('.'), message: issue.message }))
  return { ok: false, response: c.json({ error: 'VALIDATION', issues }, 400) }
}
