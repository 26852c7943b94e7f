/** Numbers, bytes, areas and dates as people of each language write them. */
import { words, type Lang } from './words'

export const LOCALE: Record<Lang, string> = { fr: 'fr-FR', en: 'en-GB' }

/** Formats are slow to make, and few. */
const kept = new Map<string, Intl.NumberFormat>()

function formatted(value: number, lang: Lang, name: string, options: Intl.NumberFormatOptions): string {
  const key = `${lang} ${name}`
  let format = kept.get(key)
  if (!format) {
    format = new Intl.NumberFormat(LOCALE[lang], options)
    kept.set(key, format)
  }
  return format.format(value)
}

export function number(value: number, lang: Lang, decimals = 0): string {
  return formatted(value === 0 ? 0 : value, lang, String(decimals), { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
}

/** A bound of a class: as many decimals as it needs and no more. */
export function bound(value: number, lang: Lang): string {
  return formatted(value, lang, 'bound', { maximumFractionDigits: 3 })
}

/** "1 234 vélos", "12,4 %". The space does not break. */
export const withUnit = (value: number, unit: string, lang: Lang, decimals = 0): string =>
  unit ? `${number(value, lang, decimals)}${unit === '%' && lang === 'en' ? '' : '\u00a0'}${unit}` : number(value, lang, decimals)

/** The text with a capital at its beginning. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

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
  return whole > 0 ? formatted(part / whole, lang, 'share', { style: 'percent', maximumFractionDigits: 1 }) : ''
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
