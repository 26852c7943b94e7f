/** A guided tour of the invented territory, and a search index made as model/search makes one, without its numbers' files being cut. */
import { COMMON, foldWords } from '../src/find/words.ts'
import type { Tour } from '../src/tour'
import { facilities } from './ground.ts'
import { communes, toLonLat } from './place.ts'

const text = (title: string, first: string) => ({ title, blocks: [
  { lines: [[{ text: first }, { text: ' en gras', strong: true }, { text: ' et ' }, { text: 'une vue', href: '#/communes' }, { text: '.' }]] },
  { list: true, lines: [[{ text: 'un' }], [{ text: 'deux' }]] },
] })

export const tour: Tour = { id: 'visite', steps: [
  { view: '#/presence?slot=weekday-08&at=11/43.51/1.57', fr: text('Le matin', 'Huit heures'), en: text('The morning', 'Eight o’clock') },
  { view: '#/communes', fr: text('Les communes', 'Les habitants'), en: text('The communes', 'Residents') },
  { view: '#/q/1/presence', fr: text('La question', 'La réponse'), en: text('The question', 'The answer') },
] }

type Entry = [name: string, place: number, lon: number, lat: number, ref: number | string]

const fixed = (degrees: number) => Math.round(degrees * 1e5)
const STREETS = ['avenue du Général-de-Gaulle', 'boulevard Saint-Michel', 'rue de l’Église', 'chemin de l’Écluse', 'place du Marché']

const streets: Entry[] = communes.flatMap((c, p) => STREETS.map((name, k): Entry => {
  const [lon, lat] = toLonLat([c.site[0] + (k - 2) * 0.2, c.site[1]])
  return [name, p, fixed(lon), fixed(lat), p * STREETS.length + k]
}))
const numbers = streets.map(() => [['1', '2 bis', '12'], [0, 20, 40], [0, 0, 10]])
const spots: Entry[] = facilities.map((f): Entry => {
  const [lon, lat] = (f.geometry as GeoJSON.Point).coordinates as [number, number]
  return [String(f.properties!.nom), communes.findIndex((c) => String(f.properties!.nom).endsWith(` de ${c.name}`)), fixed(lon), fixed(lat), String(f.properties!.id)]
})

function parts(entries: Entry[]): { words: string[]; files: Entry[][] } {
  const all = entries.flatMap((e) => [...new Set(foldWords(e[0]).filter((w) => !COMMON.has(w)))].map((word) => ({ word, e }))).sort((a, b) => (a.word < b.word ? -1 : a.word > b.word ? 1 : 0))
  const files: Entry[][] = []
  const words: string[] = []
  for (let i = 0; i < all.length; i += 60) {
    words.push(all[i]!.word)
    files.push(all.slice(i, i + 60).map((x) => x.e))
  }
  return { words, files }
}

const made: Record<string, { entries: Entry[]; numbers: object[] }> = { addresses: { entries: streets, numbers }, facilities: { entries: spots, numbers: [] } }

export function searchFile(layer: string, file: string): object | undefined {
  const index = made[layer]
  if (!index) return undefined
  const { words, files } = parts(index.entries)
  if (file === 'index') return { place: 'commune', entries: index.entries.length, words, numbers: index.numbers.length ? [0] : [] }
  return file === 'n0' && index.numbers.length ? index.numbers : file.startsWith('w') ? files[Number(file.slice(1))] : undefined
}
