/** The planner's questions that have a page: which subjects can answer them, and what is missing where none can. */
import { counted, isFlow, offers, subjects, type Catalog, type Flow, type Layer, type Measure, type Text } from './catalog'
import { kindOf } from './slot'

export interface Ask { n: number; title: Text; hint: Text; /** The source to add where the territory cannot answer. */ lacks: Text }

export const ASKS: Ask[] = [
  { n: 1, title: { fr: 'Qui passe ici, et quand ?', en: 'Who passes here, and when?' }, hint: { fr: 'La semaine d’un lieu, heure par heure', en: 'The week of a place, hour by hour' },
    lacks: { fr: 'Ajoutez une source de comptages (classe B), de présence d’un opérateur (classe D) ou de validations et positions protégées par le portail (classe C), avec une mesure par heure.', en: 'Add a source of counts (class B), of presence from an operator (class D), or of validations and positions protected by the gate (class C), with a measure by hour.' } },
  { n: 2, title: { fr: 'D’où vient-on, et où va-t-on ?', en: 'Where do people come from, and where do they go?' }, hint: { fr: 'Les trajets d’un lieu, et les modes', en: 'The journeys of a place, and the modes' },
    lacks: { fr: 'Ajoutez une table de flux entre zones (par exemple les flux domicile-travail de l’INSEE) ou des déplacements protégés par le portail, avec « flows ».', en: 'Add a table of flows between zones (such as INSEE’s commuting flows) or trips protected by the gate, with “flows”.' } },
  { n: 5, title: { fr: 'Où manque-t-il des services, et pour qui ?', en: 'Where are services missing, and for whom?' }, hint: { fr: 'Habitants loin de tout, à vol d’oiseau', en: 'Residents far from everything, as the crow flies' },
    lacks: { fr: 'Ajoutez les carreaux de population (Filosofi, 200 m) et une couche d’équipements en points, colorée par domaine (BPE).', en: 'Add the population grid (Filosofi, 200 m) and a layer of facilities as points, coloured by family (BPE).' } },
  { n: 9, title: { fr: 'Qu’est-ce qui a vraiment changé ?', en: 'What really changed?' }, hint: { fr: 'Deux moments comparés, avec un verdict', en: 'Two moments compared, with a verdict' },
    lacks: { fr: 'Ajoutez une mesure par mois, par date ou par type de jour : des compteurs permanents suffisent.', en: 'Add a measure by month, by date or by type of day: permanent counters are enough.' } },
  { n: 12, title: { fr: 'Qui est fragile ou isolé ?', en: 'Who is fragile or isolated?' }, hint: { fr: 'Personnes âgées loin des soins', en: 'Elderly people far from care' },
    lacks: { fr: 'Ajoutez les carreaux de population par âge (Filosofi, 200 m) et une couche d’équipements en points, colorée par domaine (BPE).', en: 'Add the population grid by age (Filosofi, 200 m) and a layer of facilities as points, coloured by family (BPE).' } },
  { n: 15, title: { fr: 'Puis-je me fier à ce chiffre ?', en: 'Can I trust this figure?' }, hint: { fr: 'Source, marge, protection, citation', en: 'Source, margin, protection, citation' },
    lacks: { fr: 'Cette publication ne contient aucune mesure : déclarez-en une dans une source.', en: 'This release holds no measure: declare one in a source.' } },
]

const isMeasure = (m: Measure | Flow): m is Measure => !isFlow(m)
const cells = (catalog: Catalog, layer: Layer) => catalog.zone_systems.find((s) => s.id === layer.zones)?.geometry === 'cell'
/** Figures of people who may need help, by their titles: addresses or dwellings are not. */
const fragile = (m: { title: Text }) => /\bans\b|\bâgé|\baîné|\bsenior|pauvre|monoparent|isolé|handicap|aged|elderl|poor|single parent/i.test(`${m.title.fr} ${m.title.en}`)
const open = (catalog: Catalog, m: Measure) => !counted(catalog, m) && m.slots.includes('all')

/** Layers of points whose categories are needs that people have near them or not. */
export function facilities(catalog: Catalog): Layer[] {
  return subjects(catalog).filter((l) => l.geometry === 'point' && !l.zones && l.style?.by && l.style.colours && l.download)
    .sort((a, b) => Number(b.question === 4) - Number(a.question === 4))
}

/** The measures of a subject that can answer the question, the most fitting first. */
export function answering(catalog: Catalog, layer: Layer, n: number): (Measure | Flow)[] {
  const all = offers(catalog, layer)
  switch (n) {
    case 1: return layer.question === 1 || layer.question === undefined || layer.question === 0 ? all.filter((m) => isMeasure(m) && !m.member && m.slots.length > 1) : []
    case 2: return all.filter(isFlow)
    case 5: case 12: {
      const open_ = cells(catalog, layer) && facilities(catalog).length ? all.filter((m) => isMeasure(m) && open(catalog, m)) : []
      return n === 12 && layer.question !== 12 ? open_.filter(fragile) : open_
    }
    case 9: return all.filter((m) => isMeasure(m) && m.slots.length > 1).sort((a, b) => Number(b.slots.some((s) => kindOf(s) === 'month')) - Number(a.slots.some((s) => kindOf(s) === 'month')))
    case 15: return all.filter(isMeasure)
    default: return []
  }
}

/** The subjects that can answer, the most fitting first. */
export function answerers(catalog: Catalog, n: number): Layer[] {
  const fits = (l: Layer) => {
    const m = answering(catalog, l, n)[0]
    const own = l.question === n ? 0 : 10
    if (n === 9) return m?.slots.some((s) => kindOf(s) === 'month') ? 0 : 10
    if (n === 1) return own + (m?.slots.includes('weekday-08') ? 0 : 2) - Math.min(300, catalog.zone_systems.find((s) => s.id === l.zones)?.count ?? 0) / 300
    return own
  }
  const able = subjects(catalog).filter((l) => answering(catalog, l, n).length > 0)
  return able.map((l, i) => ({ l, i, fit: fits(l) })).sort((a, b) => a.fit - b.fit || a.i - b.i).map(({ l }) => l)
}

/** What lies close to a question that cannot be answered: the subjects to look at meanwhile. */
const NEAR: Record<number, number[]> = { 1: [1, 3], 2: [2, 3], 5: [5, 4, 3, 6], 9: [1, 9], 12: [12, 5, 6, 4], 15: [1, 2] }

export const meanwhile = (catalog: Catalog, n: number): Layer[] =>
  subjects(catalog).filter((l) => NEAR[n]?.includes(l.question ?? 0)).sort((a, b) => NEAR[n]!.indexOf(a.question!) - NEAR[n]!.indexOf(b.question!)).slice(0, 3)

/** Layers of places that are dangerous, or hard to live in at times: flood, heat. */
export const hazards = (catalog: Catalog): Layer[] => catalog.layers.filter((l) => l.geometry === 'polygon' && !l.zones && !!l.download && /inond|flood|submersion|aléa|hazard|chaleur|heat|risque|risk/i.test(`${l.id} ${l.title.fr} ${l.title.en}`))
