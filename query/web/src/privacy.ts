/** The privacy card of a source as sentences for a citizen. The server's own card (JSON) is what they are made from. */
import { say, type Catalog, type Text } from './catalog'
import { number } from './number'
import { periodWords, unitsWords } from './period'
import type { Lang } from './words'

export interface Level { system: string; half_width?: number; threshold?: number; cells: number; published: number }
/** What bounding takes away: real totals are so many times larger. */
export interface Bias { factor: number; lo: number; hi: number }

export interface Table { name: string; slot?: string; l0?: number; levels: Level[]; bias?: Bias }

/** What the gate says of one publication (ingest/gate Card); parts that a class does not have are absent. */
export interface GateCard {
  class: string
  unit: string
  k: number
  epsilon?: number
  delta?: number
  /** Greatest chance to guess right whether somebody is in the source, after reading; 0.5 before. */
  guess?: number
  tables?: Table[]
  ledger_entry?: { seq: number; at: string; hash: string; cap_millionths?: number; epsilon_millionths?: number }
  tests?: string[]
}

export interface Card {
  source: string
  title: Text
  class: string
  purpose?: Text
  legal_basis?: string
  retention?: string
  words: Text[]
  gate?: GateCard
}

export interface Share { name: string; published: number; cells: number; margin?: number }

const DURATION: Record<string, [fr: [string, string], en: [string, string]]> = {
  Y: [['an', 'ans'], ['year', 'years']], M: [['mois', 'mois'], ['month', 'months']], W: [['semaine', 'semaines'], ['week', 'weeks']], D: [['jour', 'jours'], ['day', 'days']],
}

/** "P30D" as "30 jours"; what is not one plain duration stays as it is. */
export function durationWords(iso: string, lang: Lang): string {
  const m = iso.match(/^P(\d+)([YMWD])$/)
  if (!m) return iso
  const [one, many] = DURATION[m[2]!]![lang === 'fr' ? 0 : 1]
  return `${m[1]} ${new Intl.PluralRules(lang).select(Number(m[1])) === 'one' ? one : many}`
}

const GROUNDS: Record<string, Text> = {
  'public task': { fr: 'mission de service public', en: 'public task' }, consent: { fr: 'consentement des personnes', en: 'consent of the people' },
  'legal obligation': { fr: 'obligation légale', en: 'legal obligation' }, contract: { fr: 'contrat', en: 'contract' },
  'legitimate interest': { fr: 'intérêt légitime', en: 'legitimate interest' },
}

export const groundWords = (basis: string, lang: Lang): string => (GROUNDS[basis] ? say(GROUNDS[basis], lang) : basis)

/** What the table is called: the title of its measure or flow, without the class when it has several. */
function tableName(name: string, catalog: Catalog, lang: Lang): string {
  const own = catalog.measures.find((m) => m.id === name) ?? catalog.flows.find((f) => f.id === name)
  const part = catalog.measures.find((m) => m.table === name)
  const title = say((own ?? part)?.title, lang) || name
  const member = own ? '' : say(part?.member, lang)
  return member && title.endsWith(member) ? title.slice(0, -member.length).replace(/[\s,:–-]+$/, '') : title
}

/** How much of each table is published, and how precisely. */
export function shares(card: Card, catalog: Catalog, lang: Lang): Share[] {
  return (card.gate?.tables ?? []).flatMap((t) => t.levels.filter((l) => l.cells > 1).map((l): Share => {
    const system = say(catalog.zone_systems.find((z) => z.id === l.system)?.title, lang) || l.system || (lang === 'fr' ? 'ensemble du territoire' : 'whole territory')
    return { name: `${tableName(t.name, catalog, lang)} · ${system}`, published: l.published, cells: l.cells, ...(l.half_width ? { margin: l.half_width } : {}) }
  }))
}

/** What protects people, one promise a line, in the order in which a citizen asks. */
export function promises(card: Card, lang: Lang): string[] {
  const { gate } = card
  if (!gate) return card.words.map((w) => say(w, lang))
  const fr = lang === 'fr'
  const units = unitsWords(gate.unit, lang)
  const k = number(gate.k, lang)
  const out = [
    fr ? `Aucune ligne sur une personne n’est gardée ni publiée : seulement des nombres.` : `No row about a person is kept or published: only numbers.`,
    fr ? `Aucun chiffre ne porte sur moins de ${k} ${units}.` : `No figure is about fewer than ${k} ${units}.`,
    fr ? `Là où rien n’est publié, il n’y avait personne ou trop peu de monde. Les deux se ressemblent, exprès.` : `Where nothing is published, there was nobody or there were too few. The two look the same on purpose.`,
  ]
  if (gate.epsilon) {
    out.push(fr ? `Chaque chiffre est légèrement brouillé par un tirage au sort. C’est pourquoi il est donné avec un intervalle : 95 fois sur 100, le chiffre d’avant le tirage y est.`
      : `Each figure is slightly blurred by a random draw. This is why it comes with an interval: 95 times in 100, the figure before the draw is within it.`)
  }
  const most = Math.max(0, ...(gate.tables ?? []).map((t) => t.l0 ?? 0))
  if (most > 0) {
    out.push(fr ? `Personne ne pèse plus que les autres : chacun n’est compté que ${number(most, lang)} fois au plus, tirées au sort parmi ses passages.`
      : `Nobody weighs more than others: each is counted ${number(most, lang)} times at most, drawn at random among their own.`)
  }
  out.push(fr ? `On ne peut suivre personne d’une publication à l’autre : les identifiants sont remplacés, puis l’outil qui les remplaçait est détruit.`
    : `Nobody can be followed from one publication to the next: identifiers are replaced, and what replaced them is then destroyed.`)
  return out
}

/** What the figures of a table leave out because each unit counts in few cells only; "" where it was not estimated. */
export function biasWords(card: Card | undefined, table: string | undefined, lang: Lang): string {
  const found = card?.gate?.tables?.find((t) => t.name === table)
  if (!found?.bias) return ''
  const { factor, lo, hi } = found.bias
  const n = (v: number, round: (v: number) => number) => number(round(v * 10) / 10, lang, 1)
  const l0 = number(found.l0 ?? 0, lang)
  return lang === 'fr' ? `Attention : chacun n’y est compté que ${l0} fois au plus ; sur l’ensemble, les vrais totaux sont environ ${n(factor, Math.round)} fois plus grands (entre ${n(lo, Math.floor)} et ${n(hi, Math.ceil)}), et on ne le sait pas lieu par lieu.`
    : `Beware: each person is counted ${l0} times at most; overall, real totals are about ${n(factor, Math.round)} times larger (between ${n(lo, Math.floor)} and ${n(hi, Math.ceil)}), and this is not known place by place.`
}

/** The greatest chance, in 100, of guessing right after reading; rounded up, so that it is never said too low. */
export const guessed = (card: Card): number | undefined => (card.gate?.guess ? Math.ceil(card.gate.guess * 100 - 1e-9) : undefined)

export const periodOf = (card: Card, catalog: Catalog, lang: Lang): string => {
  const source = catalog.sources.find((s) => s.id === card.source)
  return periodWords(source?.period || source?.vintage || '', lang)
}
