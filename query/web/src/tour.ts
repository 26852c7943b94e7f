/** Guided tours, as the release holds them: steps with a saved view and a text in both languages, never markup. */
export interface TourSpan { text: string; strong?: boolean; em?: boolean; href?: string }

/** A paragraph (one line) or the items of a list. */
export interface TourBlock { list?: boolean; lines: TourSpan[][] }

export interface TourText { title: string; blocks: TourBlock[] }

export interface Tour { id: string; steps: { view: string; fr: TourText; en: TourText }[] }

/** Whether a link may be followed: a view of this page, or a page elsewhere that the visitor chooses to open. */
export const safeLink = (href: string): boolean => href.startsWith('#/') || /^https:\/\/[^\s<>"]+$/.test(href)

/** A link to a view of this page keeps the visitor's language. */
export const withLang = (href: string, lang: string): string => (href.startsWith('#/') ? `${href}${href.includes('?') ? '&' : '?'}lang=${lang}` : href)
