/** How names are compared with what someone types: folded, and with typing errors forgiven. */

/** Lower case without accents, ligatures and punctuation. */
export const plain = (text: string): string =>
  text.toLowerCase().replace(/œ/g, 'oe').replace(/æ/g, 'ae').normalize('NFD').replace(/\p{M}/gu, '').replace(/[^\p{L}\p{N}]+/gu, ' ').trim()

/** The same with "saint" for "st": what is compared when searching names. */
export const fold = (text: string): string => plain(text).replace(/\bst(e?)\b/g, 'saint$1')

/** How many typing errors are forgiven: one from four letters, two from eight. */
export const errorsAllowed = (wanted: string): number => (wanted.length >= 8 ? 2 : wanted.length >= 4 ? 1 : 0)

/** Fewest letters to insert, delete, replace or swap with the next so that a becomes the start of b (optimal string alignment). */
export function typos(a: string, b: string): number {
  let [before, row] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      let least = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1]))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1)
      next.push(least)
    }
    ;[before, row] = [row, next]
  }
  return Math.min(...row)
}

/**
 * Indexes of the zones whose names match, best first: whole name, start of the name, start of a word, anywhere; where none
 * does, with typing errors.
 */
export function search(names: string[], query: string, limit = 8): number[] {
  const wanted = fold(query)
  if (!wanted) return []
  const rank = (name: string): number => {
    const folded = fold(name)
    if (folded === wanted) return 0
    if (folded.startsWith(wanted)) return 1
    if (folded.includes(` ${wanted}`)) return 2
    if (folded.includes(wanted)) return 3
    const allowed = errorsAllowed(wanted)
    if (!allowed || folded[0] !== wanted[0] && folded[1] !== wanted[0] && folded[0] !== wanted[1]) return 9
    const errors = typos(wanted, folded)
    return errors <= allowed ? 3 + errors : 9
  }
  const found = names.map((name, i) => ({ i, name, rank: rank(name) })).filter((m) => m.rank < 9)
  const exact = found.filter((m) => m.rank < 4)
  return (exact.length ? exact : found).sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name, 'fr')).slice(0, limit).map((m) => m.i)
}
