/** Words as they are compared when searching: the same rules as the index was made by (model/search/words.go, which a test holds). */
import { plain } from '../match'

/** What French addresses shorten. */
export const EXPANSIONS: Record<string, string> = {
  r: 'rue', av: 'avenue', ave: 'avenue', bd: 'boulevard', bld: 'boulevard', blvd: 'boulevard', boul: 'boulevard',
  pl: 'place', ch: 'chemin', che: 'chemin', chem: 'chemin', rte: 'route', imp: 'impasse', all: 'allee', sq: 'square',
  crs: 'cours', fg: 'faubourg', fbg: 'faubourg', lot: 'lotissement', res: 'residence', pass: 'passage', qu: 'quai',
  st: 'saint', ste: 'sainte', gal: 'general', mal: 'marechal', dr: 'docteur', pdt: 'president', cdt: 'commandant', capt: 'capitaine',
  prof: 'professeur', za: 'zone', zi: 'zone', rpt: 'rondpoint',
}

/** Words that lead nowhere by themselves: kinds of streets and articles. */
export const COMMON = new Set('rue avenue boulevard place chemin route impasse allee square cours faubourg lotissement residence passage quai de du des d la le les l et a au aux en sur sous'.split(' '))

const KINDS = 15
/** The common words that are no kind of street. */
export const ARTICLES = new Set([...COMMON].slice(KINDS))

/** Words in lower case without accents, ligatures, punctuation or shortenings. */
export function foldWords(text: string): string[] {
  const bare = plain(text)
  return bare ? bare.split(' ').map((w) => EXPANSIONS[w] ?? w) : []
}
