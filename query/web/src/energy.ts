/**
 * Energy of a visit from its bytes: Sustainable Web Design Model, version 4
 * (https://sustainablewebdesign.org/estimating-digital-emissions/), kWh for each GB (10⁹ bytes) transferred.
 */
import { number } from './number'
import type { Lang } from './words'

export const MODEL = 'https://sustainablewebdesign.org/estimating-digital-emissions/'

/** In use, and with the making of the equipment. */
export const SEGMENTS = [
  { id: 'servers', use: 0.055, made: 0.012 },
  { id: 'network', use: 0.059, made: 0.013 },
  { id: 'device', use: 0.08, made: 0.081 },
] as const

const GB = 1e9

/** Watt-hours: from the equipment in use alone to its making as well. */
export function energy(bytes: number): { lo: number; hi: number } {
  const sum = (of: (s: (typeof SEGMENTS)[number]) => number) => (SEGMENTS.reduce((all, s) => all + of(s), 0) * 1000 * bytes) / GB
  return { lo: sum((s) => s.use), hi: sum((s) => s.use + s.made) }
}

/** "0,10 à 0,16 Wh": rounded outwards, to two digits of the larger end. */
export function energyWords(bytes: number, lang: Lang): string {
  const { lo, hi } = energy(bytes)
  const decimals = hi >= 10 ? 0 : hi >= 1 ? 1 : hi >= 0.1 ? 2 : 3
  const p = 10 ** decimals
  const [a, b] = [number(Math.floor(lo * p + 1e-9) / p, lang, decimals), number(Math.ceil(hi * p - 1e-9) / p, lang, decimals)]
  return lang === 'fr' ? `${a} à ${b}\u00a0Wh` : `${a} to ${b}\u00a0Wh`
}
