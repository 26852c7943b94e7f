/** What was asked for is asked for once: a later wish gets the same answer, and what failed is asked again. */
export function once<T>(kept: Map<string, Promise<unknown>>, key: string, ask: () => Promise<T>): Promise<T> {
  const known = kept.get(key) as Promise<T> | undefined
  if (known) return known
  const asked = ask()
  asked.catch(() => kept.delete(key))
  kept.set(key, asked)
  return asked
}
