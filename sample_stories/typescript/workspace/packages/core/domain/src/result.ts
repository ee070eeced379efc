/** What a service gives back: a value, or the name of what is in the way. Nothing is thrown for a user's mistake. */
export type Result<T, E extends string> = { ok: true; value: T } | { ok: false; error: E }

export const ok = <T>(value: T) => ({ ok: true, value }) as const

export const fail = <E extends string>(error: E) => ({ ok: false, error }) as const
