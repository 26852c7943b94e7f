/** Figures with their intervals: what can be added, compared and said of them, and never more. */
import { number, withUnit } from '../number'
import type { Lang } from '../words'

/** A figure and the ends of its 95 % interval; null ends where its source gives none. */
export interface Estimate { value: number; lo: number | null; hi: number | null }

export interface Known extends Estimate { lo: number; hi: number }

export const known = (e: Estimate | undefined): e is Known => !!e && e.lo !== null && e.hi !== null

/** The figure as an estimate; undefined when it has no number. */
export const estimate = (f: { value: number | null; lo: number | null; hi: number | null }): Estimate | undefined =>
  f.value === null ? undefined : { value: f.value, lo: f.lo, hi: f.hi }

/**
 * b − a with an interval at 95 % from those of both, taken as independent (MOVER: Zou and Donner, Statistics in Medicine
 * 27, 2008). No interval when one has none.
 */
export function difference(a: Estimate, b: Estimate): Estimate {
  const value = b.value - a.value
  if (!known(a) || !known(b)) return { value, lo: null, hi: null }
  return { value, lo: value - Math.hypot(b.value - b.lo, a.hi - a.value), hi: value + Math.hypot(b.hi - b.value, a.value - a.lo) }
}

/** The sum; ends are added, which is wider than needed for independent figures and right for any. */
export function sum(list: Estimate[]): Estimate {
  const value = list.reduce((s, e) => s + e.value, 0)
  if (!list.every(known)) return { value, lo: null, hi: null }
  return { value, lo: list.reduce((s, e) => s + e.lo!, 0), hi: list.reduce((s, e) => s + e.hi!, 0) }
}

export type Verdict = 'change' | 'noise' | 'unknown'

/** A change when the interval of the difference leaves out zero; noise when zero is in it; unknown without one. */
export function verdict(d: Estimate | undefined): Verdict {
  if (!known(d)) return 'unknown'
  return d.lo > 0 || d.hi < 0 ? 'change' : 'noise'
}

/** The power of ten to which a figure of that half-width is worth writing. */
export function step(e: Known, decimals = 0): number {
  const half = (e.hi - e.lo) / 2
  const least = 10 ** -decimals
  return half <= least ? least : Math.max(least, 10 ** Math.floor(Math.log10(half)))
}

/** The interval rounded outwards, and the value to the same step. */
export function rounded(e: Known, decimals = 0): Known {
  const s = step(e, decimals)
  const tidy = (v: number) => Number(v.toPrecision(12))
  return { value: tidy(Math.round(e.value / s) * s), lo: tidy(Math.floor(e.lo / s + 1e-9) * s), hi: tidy(Math.ceil(e.hi / s - 1e-9) * s) }
}

/** "environ 2 480 personnes (entre 2 390 et 2 570 à 95 %)"; the plain figure where no interval is known. */
export function about(e: Estimate, unit: string, lang: Lang, decimals = 0): string {
  if (!known(e)) return withUnit(e.value, unit, lang, decimals)
  if (e.lo === e.hi) return withUnit(e.value, unit, lang, decimals)
  const r = rounded(e, decimals)
  const n = (v: number) => number(v, lang, decimals)
  return lang === 'fr' ? `environ ${withUnit(r.value, unit, lang, decimals)} (entre ${n(r.lo)} et ${n(r.hi)} à 95 %)`
    : `about ${withUnit(r.value, unit, lang, decimals)} (between ${n(r.lo)} and ${n(r.hi)} at 95%)`
}

/**
 * The highest of a list and all that it cannot be told from: those whose interval reaches up to the lowest value that the
 * highest may have. Without intervals, its equals only.
 */
export function highest<T>(list: T[], of: (item: T) => Estimate): T[] {
  const best = list.reduce<T | undefined>((a, b) => (a === undefined || of(b).value > of(a).value ? b : a), undefined)
  if (best === undefined) return []
  const e = of(best)
  const floor = e.lo ?? e.value
  return list.filter((x) => (of(x).hi ?? of(x).value) >= floor).sort((a, b) => of(b).value - of(a).value)
}

/** The lowest and all that it cannot be told from. */
export const lowest = <T>(list: T[], of: (item: T) => Estimate): T[] => highest(list, (x) => {
  const e = of(x)
  return { value: -e.value, lo: e.hi === null ? null : -e.hi, hi: e.lo === null ? null : -e.lo }
})

/** "a", "a et b", "a, b ou c". */
export const list = (items: string[], lang: Lang, type: 'conjunction' | 'disjunction' = 'conjunction'): string =>
  new Intl.ListFormat(lang, { type }).format(items)

/** Share of a part in a whole, in per cent rounded outwards: the part may be as low as its lo and the whole as high as its hi. */
export function shareWords(part: Estimate, whole: Estimate, lang: Lang): string {
  if (whole.value <= 0) return ''
  const p = (v: number, end: 'floor' | 'ceil' | 'round') => Math.min(100, Math.max(0, Math[end](v * 100 + (end === 'ceil' ? -1e-9 : end === 'floor' ? 1e-9 : 0))))
  const sign = lang === 'fr' ? '\u00a0%' : '%'
  if (!known(part) || !known(whole) || whole.lo <= 0 || part.lo === part.hi) return `${p(part.value / whole.value, 'round')}${sign}`
  const [lo, hi] = [p(part.lo / whole.hi, 'floor'), p(part.hi / whole.lo, 'ceil')]
  return lang === 'fr' ? `entre ${lo} et ${hi}${sign}` : `between ${lo} and ${hi}${sign}`
}

/** The days far from the others: more than three robust standard deviations from the median (median and MAD; Rousseeuw and Croux, 1993). */
export function unusual<T>(items: T[], of: (item: T) => number): T[] {
  if (items.length < 10) return []
  const middle = (values: number[]) => { const s = [...values].sort((a, b) => a - b); const k = s.length >> 1; return s.length % 2 ? s[k]! : (s[k - 1]! + s[k]!) / 2 }
  const m = middle(items.map(of))
  const deviation = 1.4826 * middle(items.map((x) => Math.abs(of(x) - m)))
  return deviation > 0 ? items.filter((x) => Math.abs(of(x) - m) > 3 * deviation) : []
}
