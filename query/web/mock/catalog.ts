/** The catalogue of the invented territory. */
import type { Catalog, Layer, Measure } from '../src/catalog'
import { buildings, cellShapes, counterShapes, facilities, roads, water, woods } from './ground.ts'
import { frame } from './figures.ts'

export const RELEASE = '2026-11-23T0200Z-3f9c1a'

const two = (n: number) => String(n).padStart(2, '0')
export const HOURS = ['weekday', 'saturday', 'sunday'].flatMap((d) => Array.from({ length: 24 }, (_, h) => `${d}-${two(h)}`))
export const MONTHS = Array.from({ length: 12 }, (_, m) => `2025-${two(m + 1)}`)
const span = (width: number) => ['weekday', 'saturday', 'sunday'].flatMap((d) => Array.from({ length: 24 / width }, (_, k) => `${d}-${two(k * width)}-${two((k + 1) * width)}`))
/** What protected figures may be published by: spans of three hours, half days, types of day. */
export const SPANS = [...span(3), ...span(12), 'weekday', 'saturday', 'sunday']
export const DATES = Array.from({ length: 61 }, (_, d) => new Date(Date.UTC(2025, 4, 1 + d)).toISOString().slice(0, 10))

const BBOX: Catalog['territory']['bbox'] = [1.4, 43.4, 1.75, 43.62]

type Draft = Omit<Layer, 'tiles' | 'features' | 'download' | 'bbox' | 'sources'> & { sources?: string[]; source: string }

const layer = (draft: Draft, features: number): Layer => ({
  ...draft, features, bbox: BBOX, sources: draft.sources ?? [draft.source],
  tiles: `/r/${RELEASE}/tiles/${draft.id}/{z}/{x}/{y}.mvt`, download: `/r/${RELEASE}/download/${draft.id}.parquet`,
})

const t = (fr: string, en: string) => ({ fr, en })

/** Round numbers near the quantiles of what is published. */
function breaks(values: number[], classes: number): number[] {
  const sorted = values.filter((v) => v > 0).sort((a, b) => a - b)
  const nice = (v: number) => { const p = 10 ** Math.floor(Math.log10(v)); const m = v / p; return (m < 1.5 ? 1 : m < 2.25 ? 2 : m < 3.5 ? 3 : m < 4.5 ? 4 : m < 6 ? 5 : m < 7.5 ? 7 : m < 9 ? 8 : 10) * p }
  const out = Array.from({ length: classes - 1 }, (_, i) => nice(sorted[Math.floor(((i + 1) / classes) * sorted.length)]!))
  return [...new Set(out)]
}

function measure(m: Omit<Measure, 'systems'>, systems: string[]): Measure {
  const sample = m.slots[0] === 'all' ? ['all'] : m.slots.filter((_, i) => i % 7 === 1)
  return {
    ...m,
    systems: systems.map((zones) => {
      const values = sample.flatMap((slot) => frame(m.id, zones, slot).value.filter((v): v is number => v !== null))
      return { zones, min: Math.min(...values), max: Math.max(...values), breaks: breaks(values, 6) }
    }),
  }
}

export const catalog: Catalog = {
  release: RELEASE,
  built_at: '2026-11-23T02:04:11Z',
  territory: {
    id: 'demo', synthetic: true, bbox: BBOX, time_zone: 'Europe/Paris',
    title: t('Pays de l’Hers-Verte', 'Hers-Verte country'),
    publisher: t('Communauté d’agglomération de l’Hers-Verte', 'Hers-Verte joint authority'),
  },
  zone_systems: [
    { id: 'commune', title: t('Communes', 'Communes'), count: 36, geometry: 'polygon', finer: 'cell_200m', source: 'communes' },
    { id: 'sector', title: t('Secteurs', 'Sectors'), count: 6, geometry: 'polygon', finer: 'commune' },
    { id: 'counter', title: t('Compteurs', 'Counters'), count: counterShapes.length, geometry: 'point', coarser: 'commune', source: 'compteurs' },
    { id: 'cell_200m', title: t('Carreaux de 200 m', '200 m cells'), count: cellShapes.length, geometry: 'cell', coarser: 'commune' },
  ],
  layers: [
    layer({ id: 'land', source: 'communes', title: t('Communes', 'Communes'), geometry: 'polygon', zones: 'commune', minzoom: 5, maxzoom: 12, background: true, order: 1,
      style: { as: 'fill', colour: '#f6f1e6', outline: '#cdbfa8' } }, 36),
    layer({ id: 'woods', source: 'fond', title: t('Bois', 'Woods'), geometry: 'polygon', minzoom: 7, maxzoom: 13, background: true, order: 5, style: { as: 'fill', colour: '#d9e3c4' } }, woods.length),
    layer({ id: 'water', source: 'fond', title: t('Eau', 'Water'), geometry: 'polygon', minzoom: 7, maxzoom: 13, background: true, order: 10, style: { as: 'fill', colour: '#b5d3de' } }, water.length),
    layer({ id: 'roads', source: 'fond', title: t('Routes', 'Roads'), geometry: 'line', minzoom: 8, maxzoom: 14, background: true, order: 20,
      properties: [{ name: 'classe', type: 'text' }, { name: 'nom', type: 'text' }],
      style: { as: 'line', width: 2.4, by: 'classe', label: 'nom', colours: { autoroute: '#d9a679', principale: '#d8c4a4', secondaire: '#ddd0ba', rue: '#e4dccd' } } }, roads.length),
    layer({ id: 'houses', source: 'fond', title: t('Bâti', 'Built'), geometry: 'polygon', minzoom: 13, maxzoom: 14, background: true, order: 25, style: { as: 'fill', colour: '#ddd2c2' } }, buildings.length),

    layer({ id: 'presence', source: 'presence', sources: ['presence', 'communes'], question: 1, geometry: 'polygon', zones: 'cell_200m', minzoom: 8, maxzoom: 14, order: 60, measures: ['presence'],
      title: t('Qui passe ici, et quand ?', 'Who passes here, and when?'),
      summary: t('Personnes présentes dans chaque carreau de 200 m, heure par heure, pour un jour de semaine, un samedi et un dimanche ordinaires.', 'People present in each 200 m cell, hour by hour, on an ordinary weekday, Saturday and Sunday.'),
      style: { ramp: 'sequential', classes: 6 } }, cellShapes.length),
    layer({ id: 'passers', source: 'billets', sources: ['billets', 'communes'], question: 1, geometry: 'polygon', zones: 'commune', minzoom: 5, maxzoom: 13, order: 62, measures: ['passers'],
      title: t('Quand prend-on le car ?', 'When do people take the coach?'),
      summary: t('Voyageurs différents par commune de montée, par tranches de trois heures.', 'Different passengers by commune of boarding, in three-hour slots.'),
      style: { ramp: 'sequential', classes: 5 } }, 36),
    layer({ id: 'commuting', source: 'mobpro', sources: ['mobpro', 'communes'], question: 2, geometry: 'polygon', zones: 'commune', minzoom: 5, maxzoom: 13, order: 55, measures: [], flows: ['commuters'],
      title: t('D’où viennent les gens qui travaillent ici ?', 'Where do the people who work here come from?'),
      summary: t('Trajets entre la commune de résidence et la commune de travail.', 'Journeys between the commune of residence and the commune of work.') }, 36),
    layer({ id: 'communes', source: 'communes', sources: ['communes', 'carreaux'], question: 5, geometry: 'polygon', zones: 'commune', minzoom: 5, maxzoom: 13, order: 50, measures: ['residents', 'over_65'],
      title: t('Où vivent les habitants, et où sont les aînés ?', 'Where do residents live, and where are the elders?'),
      summary: t('Population des communes et part des 65 ans et plus.', 'Population of the communes and share of people aged 65 and over.'),
      properties: [{ name: 'siren', type: 'text', title: t('Numéro SIREN', 'SIREN number') }, { name: 'altitude', type: 'integer', title: t('Altitude moyenne', 'Mean elevation'), unit: 'm' }],
      style: { ramp: 'sequential', classes: 6 } }, 36),
    layer({ id: 'bike_counters', source: 'compteurs', geometry: 'point', zones: 'counter', minzoom: 5, maxzoom: 14, order: 70, measures: ['bikes', 'bikes_trend'],
      title: t('Combien de vélos passent ?', 'How many bikes go by?'),
      summary: t('Passages aux compteurs automatiques, par heure, par mois et par jour.', 'Passages at automatic counters, by hour, by month and by day.') }, counterShapes.length),
    layer({ id: 'elders', source: 'carreaux', question: 12, geometry: 'polygon', zones: 'cell_200m', minzoom: 8, maxzoom: 14, order: 46, measures: ['elders'],
      title: t('Où vivent les personnes âgées ?', 'Where do elderly people live?'), summary: t('Personnes de 65 ans et plus par carreau de 200 m.', 'People aged 65 and over by 200 m cell.') }, cellShapes.length),
    layer({ id: 'flood', source: 'fond', question: 12, geometry: 'polygon', minzoom: 7, maxzoom: 13, order: 45, title: t('Zones inondables', 'Flood zones'),
      summary: t('Terrains sous l’eau lors d’une crue centennale.', 'Ground under water in a hundred-year flood.'), style: { as: 'fill', colour: '#5b8fb0', opacity: 0.6 } }, 1),
    layer({ id: 'facilities', source: 'bpe', geometry: 'point', minzoom: 9, maxzoom: 14, order: 65, search: { title: t('Équipements', 'Facilities'), entries: facilities.length },
      title: t('Quels services et équipements, et où ?', 'Which services and facilities, and where?'),
      summary: t('Écoles, santé, commerces et sport relevés dans la base des équipements.', 'Schools, health, shops and sport from the register of facilities.'),
      properties: [{ name: 'nom', type: 'text', title: t('Nom', 'Name') }, { name: 'type', type: 'text', title: t('Type', 'Type') }, { name: 'capacite', type: 'integer', title: t('Capacité', 'Capacity'), unit: 'places' }],
      style: { as: 'circle', width: 5, by: 'type', colours: { École: '#2f6fb0', Médecin: '#c8553d', Pharmacie: '#3f8f5f', Boulangerie: '#b7791f', Bibliothèque: '#7a5ea8', Sport: '#3b8c99' },
        labels: { École: t('École', 'School'), Médecin: t('Médecin', 'Doctor'), Pharmacie: t('Pharmacie', 'Pharmacy'), Boulangerie: t('Boulangerie', 'Bakery'), Bibliothèque: t('Bibliothèque', 'Library'), Sport: t('Sport', 'Sport') } } }, facilities.length),
    layer({ id: 'addresses', source: 'bdtopo', geometry: 'point', minzoom: 14, maxzoom: 14, order: 66, title: t('Adresses', 'Addresses'), search: { title: t('Adresses', 'Addresses'), entries: 180, addresses: true } }, 0),
    layer({ id: 'buildings', source: 'bdtopo', geometry: 'polygon', minzoom: 12, maxzoom: 14, order: 40,
      title: t('Bâtiments par usage', 'Buildings by use'),
      summary: t('Emprise, hauteur et usage principal de chaque bâtiment.', 'Footprint, height and main use of each building.'),
      properties: [{ name: 'usage', type: 'text', title: t('Usage', 'Use') }, { name: 'hauteur', type: 'number', title: t('Hauteur', 'Height'), unit: 'm' }, { name: 'logements', type: 'integer', title: t('Logements', 'Dwellings') }],
      style: { as: 'fill', opacity: 0.9, by: 'usage', colours: { Résidentiel: '#c98f5a', 'Commercial et services': '#2f7f86', Industriel: '#7a5ea8', Agricole: '#8a9a3b', Indifférencié: '#a39a8c' } } }, buildings.length),
  ],
  measures: [
    measure({ id: 'presence', title: t('Personnes présentes', 'People present'), unit: t('personnes', 'people'), decimals: 0, class: 'C', source: 'presence', slots: HOURS,
      summary: t('Heure moyenne ; les effectifs de moins de 20 personnes ne sont pas publiés.', 'Average hour; counts under 20 people are not published.') }, ['cell_200m']),
    measure({ id: 'passers', title: t('Voyageurs du car', 'Coach passengers'), unit: t('voyageurs', 'passengers'), decimals: 0, class: 'C', source: 'billets', slots: SPANS, table: 'passers' }, ['commune']),
    measure({ id: 'residents', title: t('Habitants', 'Residents'), unit: t('habitants', 'residents'), decimals: 0, class: 'A', source: 'carreaux', slots: ['all'] }, ['commune', 'cell_200m']),
    measure({ id: 'elders', title: t('65 ans et plus', 'Aged 65 and over'), unit: t('habitants', 'residents'), decimals: 0, class: 'A', source: 'carreaux', slots: ['all'] }, ['cell_200m']),
    measure({ id: 'over_65', title: t('Part des 65 ans et plus', 'Share aged 65 and over'), unit: t('%', '%'), decimals: 1, class: 'A', source: 'carreaux', slots: ['all'] }, ['commune']),
    measure({ id: 'bikes', title: t('Vélos par heure', 'Bikes per hour'), unit: t('vélos', 'bikes'), decimals: 0, class: 'B', source: 'compteurs', slots: HOURS,
      summary: t('Moyenne de 2025 ; les jours fériés comptent comme des dimanches.', 'Mean of 2025; public holidays count as Sundays.') }, ['counter']),
    measure({ id: 'bikes_trend', title: t('Vélos par jour, mois et dates', 'Bikes per day, months and dates'), unit: t('vélos par jour', 'bikes per day'), decimals: 0, class: 'B', source: 'compteurs', slots: [...MONTHS, ...DATES] }, ['counter']),
  ],
  flows: [{ id: 'commuters', title: t('Actifs domicile-travail', 'Home-to-work commuters'), unit: t('personnes', 'people'), decimals: 0, class: 'A', source: 'mobpro', zones: 'commune', slots: ['all'], total: 31264, max: 1460 }],
  tours: [{ id: 'visite', title: t('Une journée dans le pays', 'A day in the country'), summary: t('Trois arrêts pour commencer.', 'Three stops to begin with.'), question: 1, steps: 3 }],
  sources: [
    { id: 'communes', title: t('Limites des communes', 'Commune boundaries'), producer: 'IGN (jeu fictif)', licence: 'Licence Ouverte 2.0', attribution: '© IGN', vintage: '2026', url: 'https://geoservices.ign.fr/', class: 'A', read: 38, loaded: 36, skipped: 0, rejected: [{ code: 'geometry_unclosed_ring', count: 2 }], sha256: '3f9c1a0b77', absent: false },
    { id: 'fond', title: t('Fond de plan', 'Base map'), producer: 'Données fictives', licence: 'CC0', vintage: '2026', read: 3215, loaded: 3215, rejected: [], sha256: 'aa10', absent: false },
    { id: 'presence', title: t('Présence agrégée (fictive)', 'Aggregated presence (invented)'), producer: 'Opérateur fictif', licence: 'Licence Ouverte 2.0', vintage: '2026 T3', class: 'C', read: 412036, loaded: 411892, rejected: [{ code: 'cell_outside', count: 144 }], sha256: 'b177', absent: false },
    { id: 'billets', title: t('Titres de car', 'Coach tickets'), producer: 'Régie fictive', licence: 'Licence Ouverte 2.0', vintage: '2025-11', class: 'C', read: 0, loaded: 0, rejected: [], absent: false, protected: true, unit: 'person', period: '2025-11' },
    { id: 'carreaux', title: t('Population carroyée', 'Gridded population'), producer: 'Insee (jeu fictif)', licence: 'Licence Ouverte 2.0', vintage: '2021', class: 'A', read: 4180, loaded: 4180, rejected: [], sha256: 'c0ffee', absent: false },
    { id: 'mobpro', title: t('Mobilités professionnelles', 'Commuting census'), producer: 'Insee (jeu fictif)', licence: 'Licence Ouverte 2.0', vintage: '2022', class: 'A', read: 1296, loaded: 1290, rejected: [{ code: 'value_not_number', count: 6 }], sha256: 'd00d', absent: false },
    { id: 'compteurs', title: t('Compteurs vélo', 'Bike counters'), producer: 'Agglomération de l’Hers-Verte', licence: 'ODbL 1.0', attribution: '© Hers-Verte', vintage: '2025', class: 'B', read: 227760, loaded: 227011, skipped: 120, rejected: [{ code: 'time_missing', count: 500 }, { code: 'value_negative', count: 129 }], sha256: 'e99', absent: false },
    { id: 'bpe', title: t('Base des équipements', 'Register of facilities'), producer: 'Insee (jeu fictif)', licence: 'Licence Ouverte 2.0', vintage: '2024', class: 'A', read: 512, loaded: 511, rejected: [{ code: 'geometry_missing', count: 1 }], sha256: 'f00', absent: false },
    { id: 'bdtopo', title: t('Bâtiments', 'Buildings'), producer: 'IGN (jeu fictif)', licence: 'Licence Ouverte 2.0', vintage: '2026', read: 6120, loaded: 6118, rejected: [{ code: 'geometry_self_intersection', count: 2 }], sha256: '0b5', absent: false },
    { id: 'zonage', title: t('Plan local d’urbanisme', 'Local zoning plan'), producer: 'Géoportail de l’urbanisme', licence: 'Licence Ouverte 2.0', vintage: '', read: 0, loaded: 0, rejected: [], absent: true },
  ],
}
