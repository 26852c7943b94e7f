/** Classes of a measure and the state of each zone: what is painted, and what the legend says of it. */
import { ramp } from './colour'
import * as Flag from './flag'
import type { Frame } from './frame'
import { bound } from './number'
import { words, type Lang } from './words'

/** What a zone looks like: a class from 1 to n, or one of the states below. */
export type Look = number
export const ZERO: Look = 0
export const NOTHING: Look = -1 // not drawn: no row and no statement about it
export const NOT_PUBLISHED: Look = -2
export const NO_DATA: Look = -3

export interface Scale {
  /** Ascending bounds; a value equal to a bound belongs to the class above it. */
  breaks: number[]
  colours: string[]
  /** Zero has a look of its own, except on scales that go below it. */
  zeroApart: boolean
}

export function scale(breaks: number[], min: number, style?: { ramp?: string }): Scale {
  const kind = style?.ramp === 'diverging' ? 'diverging' : 'sequential'
  return { breaks, colours: ramp(kind, breaks.length + 1), zeroApart: kind === 'sequential' && min >= 0 }
}

/** The look of one figure. */
export function look(scale: Scale, value: number | null | undefined, flag: number): Look {
  if (flag === Flag.NOT_PUBLISHED) return NOT_PUBLISHED
  if (value === null || value === undefined || flag === Flag.NO_DATA) return NO_DATA
  if (value === 0 && scale.zeroApart) return ZERO
  let k = 0
  while (k < scale.breaks.length && value >= scale.breaks[k]!) k++
  return k + 1
}

/** The look of each figure of a frame. */
export const looksOf = (scale: Scale, frame: Frame): Look[] => frame.value.map((v, i) => look(scale, v, frame.flag[i] ?? 0))

/** "moins de 120", "120 à 450", "450 et plus". */
export function classWords(breaks: number[], k: number, lang: Lang): string {
  const w = words(lang)
  const [from, to] = [breaks[k - 1], breaks[k]]
  if (from === undefined) return to === undefined ? w.anyValue : w.lessThan(bound(to, lang))
  return to === undefined ? w.orMore(bound(from, lang)) : w.fromTo(bound(from, lang), bound(to, lang))
}

/** Round bounds at the quantiles of what is there, for figures that have no declared classes (totals of flows). */
export function roundedBreaks(values: (number | null)[], classes: number): number[] {
  const sorted = values.filter((v): v is number => v !== null && v > 0).sort((a, b) => a - b)
  if (sorted.length === 0) return []
  const bounds = Array.from({ length: classes - 1 }, (_, i) => rounded(sorted[Math.floor(((i + 1) / classes) * sorted.length)]!))
  return [...new Set(bounds)].filter((b) => b > sorted[0]!)
}

/** The value with one or two significant digits: 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten. */
function rounded(v: number): number {
  const p = 10 ** Math.floor(Math.log10(v))
  const best = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].reduce((a, b) => (Math.abs(b - v / p) < Math.abs(a - v / p) ? b : a))
  return Number((best * p).toPrecision(2))
}

/** How many zones have each look. */
export function tally(looks: Look[]): Map<Look, number> {
  const counts = new Map<Look, number>()
  for (const l of looks) counts.set(l, (counts.get(l) ?? 0) + 1)
  return counts
}
