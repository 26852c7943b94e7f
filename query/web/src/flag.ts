/** What a figure is besides its number (model.Flag). */
import type { Counted } from './catalog'
import { words, type Lang } from './words'

export const OK = 0
export const ESTIMATED = 1
export const NOT_PUBLISHED = 2
export const NO_DATA = 3
export const PARTIAL = 4

/** The flag in a few words, "" when there is nothing to say. */
export function flagName(flag: number, lang: Lang): string {
  const w = words(lang)
  return [ '', w.estimated, w.notPublished, w.noData, w.partial ][flag] ?? ''
}

/**
 * The flag in a sentence. Why a figure is not published depends on who holds it back: the gate (counted), the producer
 * under his threshold (class D), or secrecy marks.
 */
export function flagSentence(flag: number, lang: Lang, kind?: { counted?: Counted; class?: string }): string {
  const w = words(lang)
  const withheld = kind?.counted ? w.notPublishedProtected : kind?.class === 'D' ? w.notPublishedThreshold : w.notPublishedSentence
  return [ '', w.estimatedSentence, withheld, w.noDataSentence, w.partialSentence ][flag] ?? ''
}
