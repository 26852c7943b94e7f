/** Question 9, what really changed between two moments: the difference, its interval and a verdict. */
import { NO_DATA, NOT_PUBLISHED, PARTIAL } from '../flag'
import { figure, type Figure, type Frame } from '../frame'
import { number, withUnit } from '../number'
import type { Lang } from '../words'
import { about, difference, estimate, known, rounded, verdict, type Estimate, type Known, type Verdict } from './estimate'

/** Why there is no verdict: not published, not measured, partly measured, or no margin of error. */
export type Lack = 'withheld' | 'missing' | 'partial' | 'no interval'

export interface Change { zone: number; a?: Estimate; b?: Estimate; d?: Estimate; verdict: Verdict; lack?: Lack }

export function changeOf(zone: number, a: Figure, b: Figure): Change {
  const [x, y] = [estimate(a), estimate(b)]
  const out = { zone, ...(x && { a: x }), ...(y && { b: y }) }
  const has = (flag: number) => a.flag === flag || b.flag === flag
  if (!x || !y) return { ...out, verdict: 'unknown', lack: has(NOT_PUBLISHED) ? 'withheld' : 'missing' }
  const d = difference(x, y)
  if (has(PARTIAL)) return { ...out, d, verdict: 'unknown', lack: 'partial' }
  if (has(NO_DATA)) return { ...out, d, verdict: 'unknown', lack: 'missing' }
  return { ...out, d, verdict: verdict(d), ...(known(d) ? {} : { lack: 'no interval' as const }) }
}

export const changes = (a: Frame, b: Frame): Change[] => a.value.map((_, i) => changeOf(i, figure(a, i), figure(b, i)))

const LACKS: Record<Lack, { fr: string; en: string }> = {
  withheld: { fr: 'un des deux chiffres n’est pas publié', en: 'one of the two figures is not published' },
  missing: { fr: 'rien n’a été mesuré à l’un des deux moments', en: 'nothing was measured at one of the two moments' },
  partial: { fr: 'l’un des deux chiffres n’est mesuré qu’en partie', en: 'one of the two figures was only partly measured' },
  'no interval': { fr: 'la source ne donne pas de marge d’erreur', en: 'the source gives no margin of error' },
}

export const lackWords = (lack: Lack, lang: Lang): string => LACKS[lack][lang]

export function verdictWords(v: Verdict, lang: Lang): string {
  return { change: { fr: 'changement', en: 'change' }, noise: { fr: 'dans la marge d’erreur', en: 'within the margin of error' }, unknown: { fr: 'pas assez de données', en: 'not enough data' } }[v][lang]
}

export const signed = (v: number, lang: Lang, decimals: number) => `${v > 0 ? '+' : ''}${number(v, lang, decimals)}`.replace('-', '−')

/** "+120 (entre +80 et +160 à 95 %)". */
export function differenceWords(d: Estimate, unit: string, lang: Lang, decimals: number): string {
  if (!known(d)) return `${signed(d.value, lang, decimals)} ${unit}`.trim()
  const r: Known = rounded(d, decimals)
  const between = lang === 'fr' ? `entre ${signed(r.lo, lang, decimals)} et ${signed(r.hi, lang, decimals)} à 95 %` : `between ${signed(r.lo, lang, decimals)} and ${signed(r.hi, lang, decimals)} at 95%`
  return `${signed(r.value, lang, decimals)}${unit ? `\u00a0${unit}` : ''} (${between})`
}

/** The change of one place in a sentence. */
export function changeSentence(c: Change, about_: { name: string; from: string; to: string; unit: string; decimals: number }, lang: Lang): string {
  const { name, from, to, unit, decimals } = about_
  const fr = lang === 'fr'
  if (c.verdict === 'unknown' || !c.d || !c.a || !c.b) {
    const why = lackWords(c.lack ?? 'missing', lang)
    const seen = c.d ? (fr ? ` L’écart relevé est ${signed(c.d.value, lang, decimals)} ${unit}.` : ` The difference found is ${signed(c.d.value, lang, decimals)} ${unit}.`) : ''
    return fr ? `À ${name}, on ne peut pas dire si quelque chose a changé entre ${from} et ${to} : ${why}.${seen}` : `In ${name}, it cannot be said whether anything changed between ${from} and ${to}: ${why}.${seen}`
  }
  const d = differenceWords(c.d, unit, lang, decimals)
  if (c.verdict === 'noise') {
    return fr ? `À ${name}, on ne peut pas parler de changement entre ${from} et ${to} : l’écart, ${d}, tient dans la marge d’erreur.` : `In ${name}, no change can be claimed between ${from} and ${to}: the difference, ${d}, is within the margin of error.`
  }
  const up = c.d.value > 0
  const values = `${about(c.a, '', lang, decimals)} → ${about(c.b, '', lang, decimals)}`
  return fr ? `À ${name}, il y a bien ${up ? 'une hausse' : 'une baisse'} entre ${from} et ${to} : ${d} ; ${values}.` : `In ${name}, there is ${up ? 'a rise' : 'a fall'} between ${from} and ${to}: ${d}; ${values}.`
}

export interface Tally { up: number; down: number; noise: number; unknown: number; of: number }

export function tallyOf(list: Change[]): Tally {
  const changed = list.filter((c) => c.verdict === 'change')
  return { up: changed.filter((c) => c.d!.value > 0).length, down: changed.filter((c) => c.d!.value < 0).length, noise: list.filter((c) => c.verdict === 'noise').length,
    unknown: list.filter((c) => c.verdict === 'unknown').length, of: list.length }
}

/** All places in a sentence. */
export function tallySentence(t: Tally, from: string, to: string, lang: Lang): string {
  if (t.unknown === t.of) return lang === 'fr' ? `Entre ${from} et ${to}, pas assez de données pour dire si quelque chose a changé.` : `Between ${from} and ${to}, there are not enough data to say whether anything changed.`
  return lang === 'fr' ? `Entre ${from} et ${to}, sur ${t.of} lieux : ${t.up} en hausse, ${t.down} en baisse, ${t.noise} dans la marge d’erreur, ${t.unknown} sans assez de données.`
    : `Between ${from} and ${to}, of ${t.of} places: ${t.up} rose, ${t.down} fell, ${t.noise} within the margin of error, ${t.unknown} without enough data.`
}

/** How many changes chance alone may show on average, where there is none; rounded up. */
export const falseAlarms = (t: Tally): number => Math.ceil(0.05 * (t.of - t.unknown))

/** Median of the relative changes of the other places, in per cent, to compare with: what happened everywhere. Undefined for fewer than three. */
export function elsewhere(list: Change[], zone: number): number | undefined {
  const rates = list.filter((c) => c.zone !== zone && c.a && c.b && c.a.value > 0 && c.lack === undefined).map((c) => (100 * c.d!.value) / c.a!.value).sort((a, b) => a - b)
  if (rates.length < 3) return undefined
  const k = rates.length >> 1
  return rates.length % 2 ? rates[k]! : (rates[k - 1]! + rates[k]!) / 2
}

export const rateWords = (rate: number, lang: Lang): string => `${signed(rate, lang, 0)}${lang === 'fr' ? '\u00a0%' : '%'}`
export const valueWords = (e: Estimate | undefined, unit: string, lang: Lang, decimals: number): string => (e ? withUnit(e.value, unit, lang, decimals) : '')
