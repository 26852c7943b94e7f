/** What the background map of the invented territory is made of: river, woods, roads, buildings, and a few facilities. */
import type { Feature, Position } from 'geojson'
import { cells, communeAt, communes, density, inside, toLonLat, type XY } from './place.ts'
import { hash, random } from './random.ts'

type Shape = Feature & { id: number }

const ring = (points: XY[]): Position[] => [...points, points[0]!].map(toLonLat)
const polygon = (id: number, points: XY[], properties: Record<string, unknown>): Shape => ({
  type: 'Feature', id, properties, geometry: { type: 'Polygon', coordinates: [ring(points)] },
})
const line = (id: number, points: XY[], properties: Record<string, unknown>): Shape => ({
  type: 'Feature', id, properties, geometry: { type: 'LineString', coordinates: points.map(toLonLat) },
})
const point = (id: number, p: XY, properties: Record<string, unknown>): Shape => ({
  type: 'Feature', id, properties, geometry: { type: 'Point', coordinates: toLonLat(p) },
})

const riverAt = (t: number): XY => [-9.5 + t * 21 + 0.9 * Math.sin(t * 9), 9.8 - t * 19 + 1.1 * Math.sin(t * 7 + 1)]

export const water: Shape[] = [
  polygon(1, [
    ...Array.from({ length: 81 }, (_, i): XY => { const [x, y] = riverAt(i / 80); return [x + 0.05, y + 0.06] }),
    ...Array.from({ length: 81 }, (_, i): XY => { const [x, y] = riverAt(1 - i / 80); return [x - 0.05, y - 0.06] }),
  ], { nom: 'L’Hers-Verte' }),
  ...[[2.4, 3.1, 0.55], [-1.6, -5.2, 0.4], [6.2, -2.4, 0.35]].map(([x, y, r], k) =>
    polygon(2 + k, Array.from({ length: 26 }, (_, i): XY => {
      const a = (i / 26) * 2 * Math.PI
      const d = r! * (1 + 0.25 * Math.sin(2 * a + k) + 0.1 * Math.sin(5 * a))
      return [x! + d * Math.cos(a) * 1.4, y! + d * Math.sin(a)]
    }), { nom: 'Lac' })),
]

export const woods: Shape[] = (() => {
  const r = random(31)
  const out: Shape[] = []
  for (let k = 0; out.length < 46 && k < 400; k++) {
    const x = (r() - 0.5) * 25
    const y = (r() - 0.5) * 22
    if (density([x, y]) > 250 || communeAt([x, y]) < 0) continue
    const size = 0.25 + r() * 0.75
    const turn = r() * 6
    out.push(polygon(out.length + 1, Array.from({ length: 30 }, (_, i): XY => {
      const a = (i / 30) * 2 * Math.PI
      const d = size * (1 + 0.3 * Math.sin(2 * a + turn) + 0.18 * Math.sin(5 * a + turn * 2))
      return [x + d * Math.cos(a) * 1.3, y + d * Math.sin(a)]
    }), { nature: 'Bois' }))
  }
  return out
})()

function bend(a: XY, b: XY, depth = 4): XY[] {
  if (depth === 0) return [a]
  const d = (hash(`${a}|${b}`) - 0.5) * 0.22
  const m: XY = [(a[0] + b[0]) / 2 - (b[1] - a[1]) * d, (a[1] + b[1]) / 2 + (b[0] - a[0]) * d]
  return [...bend(a, m, depth - 1), ...bend(m, b, depth - 1)]
}

interface Street { at: XY; angle: number; length: number }
const streets: Street[] = []

export const roads: Shape[] = (() => {
  const out: Shape[] = []
  const add = (points: XY[], classe: string, nom: string) => out.push(line(out.length + 1, points, { classe, nom }))
  add([...bend([-13.5, 8], [-4, 1.5]), ...bend([-4, 1.5], [3, -3.5]), ...bend([3, -3.5], [13, -12]), [13, -12]], 'autoroute', 'A 661')
  communes.forEach((c, i) => {
    for (const j of c.neighbours) {
      if (j < i) continue
      const other = communes[j]!
      add([...bend(c.site, other.site), other.site], c.size + other.size > 0.7 ? 'principale' : 'secondaire', `Route de ${other.name}`)
    }
    const turn = hash(c.id) * 1.5
    const reach = 0.45 + c.size * 1.5
    const step = 0.13
    const n = Math.ceil(reach / step)
    for (let k = -n; k <= n; k++) {
      for (const quarter of [0, Math.PI / 2]) {
        const a = turn + quarter
        const half = Math.sqrt(Math.max(0, reach * reach - (k * step) ** 2)) * (0.7 + 0.5 * hash(`${c.id}${k}${quarter}`))
        if (half < 0.15 || hash(`skip${c.id}${k}${quarter}`) < 0.18) continue
        const ox = c.site[0] - Math.sin(a) * k * step
        const oy = c.site[1] + Math.cos(a) * k * step
        add([[ox - Math.cos(a) * half, oy - Math.sin(a) * half], [ox, oy + 0.01], [ox + Math.cos(a) * half, oy + Math.sin(a) * half]],
          'rue', `Rue ${k + n + 1}`)
        streets.push({ at: [ox, oy], angle: a, length: half * 2 })
      }
    }
  })
  return out
})()

const USES: [string, number][] = [['Résidentiel', 0.78], ['Commercial et services', 0.88], ['Industriel', 0.94], ['Agricole', 0.97], ['Indifférencié', 1]]

export const buildings: Shape[] = (() => {
  const r = random(99)
  const out: Shape[] = []
  for (const s of streets) {
    const steps = Math.floor(s.length / 0.032)
    for (let k = 0; k < steps; k++) {
      if (r() < 0.45) continue
      const along = -s.length / 2 + (k + 0.5) * 0.032
      const side = r() < 0.5 ? 0.022 : -0.022
      const cx = s.at[0] + Math.cos(s.angle) * along - Math.sin(s.angle) * side
      const cy = s.at[1] + Math.sin(s.angle) * along + Math.cos(s.angle) * side
      const w = 0.005 + r() * 0.006
      const h = 0.005 + r() * 0.005
      const corner = (a: number, b: number): XY => [cx + Math.cos(s.angle) * a - Math.sin(s.angle) * b, cy + Math.sin(s.angle) * a + Math.cos(s.angle) * b]
      const draw = r()
      out.push(polygon(out.length + 1, [corner(-w, -h), corner(w, -h), corner(w, h), corner(-w, h)], {
        id: `BAT${String(out.length + 1).padStart(6, '0')}`,
        usage: USES.find(([, p]) => draw < p)![0],
        hauteur: Math.round((3 + r() * r() * 15) * 10) / 10,
        logements: Math.floor(r() * 6),
      }))
    }
  }
  return out
})()

const KINDS = ['École', 'Médecin', 'Pharmacie', 'Boulangerie', 'Bibliothèque', 'Sport']

export const facilities: Shape[] = (() => {
  const r = random(5)
  const out: Shape[] = []
  communes.forEach((c) => {
    for (let k = 0; k < 3 + c.size * 26; k++) {
      const a = r() * 2 * Math.PI
      const d = Math.sqrt(r()) * (0.3 + c.size * 1.3)
      const p: XY = [c.site[0] + d * Math.cos(a), c.site[1] + d * Math.sin(a)]
      if (!inside(c.ring, p)) continue
      const kind = KINDS[Math.floor(r() * KINDS.length)]!
      out.push(point(out.length + 1, p, { id: `EQ${String(out.length + 1).padStart(4, '0')}`, nom: `${kind} de ${c.name}`, type: kind, capacite: 10 + Math.floor(r() * 180) }))
    }
  })
  return out
})()

export const communeShapes: Shape[] = communes.map((c, i) => polygon(i + 1, c.ring, { id: c.id, name: c.name }))

export const cellShapes: Shape[] = cells.map((c, i) => polygon(i + 1,
  [[c.west, c.south], [c.west + 0.2, c.south], [c.west + 0.2, c.south + 0.2], [c.west, c.south + 0.2]], { id: c.id, name: '' }))

export interface Counter { id: string; name: string; commune: number; at: XY; level: number }

export const counters: Counter[] = communes.slice(0, 26).map((c, i) => ({
  id: `CPT${String(i + 1).padStart(2, '0')}`,
  name: `Compteur vélo ${['voie verte', 'pont', 'gare', 'canal', 'rocade'][i % 5]} – ${c.name}`,
  commune: i,
  at: [c.site[0] + (hash(`cx${i}`) - 0.5) * 1.2, c.site[1] + (hash(`cy${i}`) - 0.5) * 1.2],
  level: 8 + 150 * c.size * (0.4 + hash(`cl${i}`)),
}))

export const counterShapes: Shape[] = counters.map((c, i) => point(i + 1, c.at, { id: c.id, name: c.name }))
