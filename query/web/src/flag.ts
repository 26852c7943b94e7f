/** What a figure is besides its number (model.Flag). */
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

/** The flag in a sentence. */
export function flagSentence(flag: number, lang: Lang): string {
  const w = words(lang)
  return [ '', w.estimatedSentence, w.notPublishedSentence, w.noDataSentence, w.partialSentence ][flag] ?? ''
}
