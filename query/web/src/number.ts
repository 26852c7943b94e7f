/** Numbers, bytes, areas and dates as people of each language write them. */
import { words, type Lang } from './words'

const LOCALE: Record<Lang, string> = { fr: 'fr-FR', en: 'en-GB' }
const kept = new Map<string, Intl.NumberFormat>()

export function number(value: number, lang: Lang, decimals = 0): string {
  const key = `${lang}${decimals}`
  let format = kept.get(key)
  if (!format) {
    format = new Intl.NumberFormat(LOCALE[lang], { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
    kept.set(key, format)
  }
  return format.format(value === 0 ? 0 : value)
}

/** A bound of a class: as many decimals as it needs and no more. */
export function bound(value: number, lang: Lang): string {
  return new Intl.NumberFormat(LOCALE[lang], { maximumFractionDigits: 3 }).format(value)
}

/** "1 234 vélos", "12,4 %". The space does not break. */
export const withUnit = (value: number, unit: string, lang: Lang, decimals = 0): string =>
  unit ? `${number(value, lang, decimals)}${unit === '%' && lang === 'en' ? '' : '\u00a0'}${unit}` : number(value, lang, decimals)

/** A sentence whose French punctuation does not begin a line. */
export const unbroken = (text: string, lang: Lang): string => (lang === 'fr' ? text.replace(/ (?=[:;?!»%])/g, '\u00a0').replace(/« /g, '«\u00a0') : text)

/** Bytes in kB or MB (powers of ten, as networks count). */
export function bytes(count: number, lang: Lang): string {
  const [scaled, unit] = count < 999_500 ? [count / 1e3, lang === 'fr' ? 'ko' : 'kB'] : [count / 1e6, lang === 'fr' ? 'Mo' : 'MB']
  return `${number(scaled, lang, scaled < 10 ? 1 : 0)}\u00a0${unit}`
}

/** An area given in square metres. */
export function area(m2: number, lang: Lang): string {
  return m2 >= 1e5 ? `${number(m2 / 1e6, lang, m2 < 1e8 ? 1 : 0)}\u00a0km²` : `${number(m2 / 1e4, lang, 1)}\u00a0ha`
}

export function share(part: number, whole: number, lang: Lang): string {
  return whole > 0 ? new Intl.NumberFormat(LOCALE[lang], { style: 'percent', maximumFractionDigits: 1 }).format(part / whole) : ''
}

export function date(iso: string, lang: Lang, timeZone?: string): string {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? iso : new Intl.DateTimeFormat(LOCALE[lang], { dateStyle: 'long', timeStyle: 'short', timeZone }).format(at)
}

/** The interval in words: nothing when there is none, one sentence when its ends are the value itself. */
export function interval(lo: number | null | undefined, hi: number | null | undefined, lang: Lang, decimals: number): string {
  if (lo == null || hi == null) return ''
  const w = words(lang)
  const [a, b] = [number(lo, lang, decimals), number(hi, lang, decimals)]
  return a === b ? w.exactly(a) : w.between(a, b)
}
