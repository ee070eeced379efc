import type { MiddlewareHandler } from 'hono'

export type WithUser = { Variables: { userId: string } }

/** The gateway in front of the API has checked the token, and names the user in a header. */
export const requireUser: MiddlewareHandler<WithUser> = async (c, next) => {
  const userId = c.req.header('x-user-id')
  if (!userId) return c.json({ error: 'UNAUTHORIZED' }, 401)
  c.set('userId', userId)
  return next()
}
