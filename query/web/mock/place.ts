/** The geometry of the invented territory, in kilometres around its centre, then in degrees. */
import { hash, random } from './random.ts'

export type XY = [number, number]

const CENTRE: XY = [1.575, 43.51]
const KM_PER_LON = 111.32 * Math.cos((CENTRE[1] * Math.PI) / 180)
const KM_PER_LAT = 110.57

export const toLonLat = ([x, y]: XY): XY => [
  Math.round((CENTRE[0] + x / KM_PER_LON) * 1e7) / 1e7,
  Math.round((CENTRE[1] + y / KM_PER_LAT) * 1e7) / 1e7,
]

export interface Commune {
  id: string
  name: string
  site: XY
  ring: XY[]
  /** 0..1: from village to town. */
  size: number
  neighbours: number[]
}

const NAMES = [
  'Belcastel-sur-Hers', 'Valmartin', 'Pech-Aubrac', 'Montbrézil', 'Sainte-Orée', 'Lagarrigue-des-Prés', 'Aygueserres',
  'Castelnou-le-Vieux', 'Ramonprat', 'Escalquières', 'Labastide-Verte', 'Deymeville', 'Pompertuis', 'Auzielle-Haute',
  'Vigoulens', 'Mervillanes', 'Goyrens', 'Corronsaguet', 'Issusac', 'Fourquemont', 'Espanèsse', 'Clermont-le-Bas',
  'Montgiscols', 'Baziéret', 'Ayguesvignes', 'Donneville-Neuve', 'Noueillac', 'Pouzeron', 'Varennolles', 'Mauremontel',
  'Odarsac', 'Belberanne', 'Rebignes', 'Péchabœuf', 'Lacroix-Falgas', 'Saint-Éloy-du-Canal',
]

const OUTLINE: XY[] = Array.from({ length: 140 }, (_, i) => {
  const a = (i / 140) * 2 * Math.PI
  const r = 10.2 * (1 + 0.16 * Math.sin(2 * a + 2.2) + 0.08 * Math.sin(3 * a + 1) + 0.035 * Math.sin(7 * a) + 0.02 * Math.sin(13 * a + 2))
  return [r * Math.cos(a) * 1.12, r * Math.sin(a) * 0.98]
})

export function inside(ring: XY[], [x, y]: XY): boolean {
  let odd = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i]!
    const [xj, yj] = ring[j]!
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd
  }
  return odd
}

/** Keeps the part of the ring that is nearer to a than to b. */
function nearer(ring: XY[], a: XY, b: XY): XY[] {
  const side = (p: XY) => (p[0] - a[0]) ** 2 + (p[1] - a[1]) ** 2 - (p[0] - b[0]) ** 2 - (p[1] - b[1]) ** 2
  const out: XY[] = []
  for (let i = 0; i < ring.length; i++) {
    const p = ring[i]!
    const q = ring[(i + 1) % ring.length]!
    const sp = side(p)
    const sq = side(q)
    if (sp <= 0) out.push(p)
    if (sp < 0 !== sq < 0 && sp !== sq) {
      const t = sp / (sp - sq)
      out.push([p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t])
    }
  }
  return out
}

/** A border that wanders between two corners, the same seen from both sides. */
function wander(a: XY, b: XY, depth: number): XY[] {
  const key = [a, b].map((p) => p.map((v) => v.toFixed(4)).join(',')).sort().join('|')
  const length = Math.hypot(b[0] - a[0], b[1] - a[1])
  if (depth === 0 || length < 0.12) return [a]
  const first = a[0] < b[0] || (a[0] === b[0] && a[1] < b[1])
  const d = (hash(key) - 0.5) * 0.3 * (first ? 1 : -1)
  const m: XY = [(a[0] + b[0]) / 2 - (b[1] - a[1]) * d, (a[1] + b[1]) / 2 + (b[0] - a[0]) * d]
  return [...wander(a, m, depth - 1), ...wander(m, b, depth - 1)]
}

function sites(): XY[] {
  const r = random(7)
  const chosen: XY[] = [[-6.2, 3.6]]
  while (chosen.length < NAMES.length) {
    let best: XY = [0, 0]
    let far = -1
    for (let k = 0; k < 24; k++) {
      const p: XY = [(r() - 0.5) * 26, (r() - 0.5) * 23]
      if (!inside(OUTLINE, p)) continue
      const stretch = 1 + Math.hypot(p[0] + 6.2, p[1] - 3.6) / 14
      const d = Math.min(...chosen.map((c) => Math.hypot(c[0] - p[0], c[1] - p[1]))) / stretch
      if (d > far) [best, far] = [p, d]
    }
    chosen.push(best)
  }
  return chosen
}

function build(): Commune[] {
  const all = sites()
  const corners = all.map((site, i) => all.reduce((ring, other, j) => (i === j ? ring : nearer(ring, site, other)), OUTLINE))
  const keys = corners.map((ring) => new Set(ring.map((p) => p.map((v) => v.toFixed(4)).join(','))))
  return all.map((site, i) => {
    const ring = corners[i]!
    return {
      id: String(31900 + i),
      name: NAMES[i]!,
      site,
      ring: ring.flatMap((p, k) => wander(p, ring[(k + 1) % ring.length]!, 4)),
      size: Math.max(0.04, Math.exp(-Math.hypot(site[0] + 6.2, site[1] - 3.6) / 6) * (0.6 + 0.6 * hash(NAMES[i]!))),
      neighbours: all.map((_, j) => j).filter((j) => j !== i && [...keys[i]!].filter((k) => keys[j]!.has(k)).length >= 2),
    }
  })
}

export const communes: Commune[] = build()

/** Index of the commune a point lies in, or -1. */
export const communeAt = (p: XY): number => communes.findIndex((c) => inside(c.ring, p))

/** People per square kilometre, roughly: town centres and what surrounds them. */
export function density([x, y]: XY): number {
  let sum = 0
  for (const c of communes) {
    const spread = 0.35 + c.size * 1.1
    const d2 = (x - c.site[0]) ** 2 + (y - c.site[1]) ** 2
    if (d2 < 25) sum += (900 + 3800 * c.size) * Math.exp(-d2 / (2 * spread * spread))
  }
  return sum
}

export interface Cell { id: string; west: number; south: number; commune: number; people: number; work: number }

export const cells: Cell[] = (() => {
  const out: Cell[] = []
  for (let j = 0; j < 115; j++) {
    for (let i = 0; i < 130; i++) {
      const west = -13 + i * 0.2
      const south = -11.5 + j * 0.2
      const p: XY = [west + 0.1, south + 0.1]
      const people = density(p) * 0.04 * (0.45 + hash(`p${i},${j}`))
      if (people < 4) continue
      const commune = communeAt(p)
      if (commune < 0) continue
      const hub = hash(`w${i},${j}`) > 0.93 ? 9 : 1
      out.push({
        id: `CRS3035RES200mN${2290000 + j * 200}E${3690000 + i * 200}`,
        west, south, commune, people, work: people * hub * (0.1 + 0.6 * hash(`a${i},${j}`)),
      })
    }
  }
  return out
})()
