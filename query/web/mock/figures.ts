/** The invented figures: by zone and slot, with intervals and flags. */
import { cells, communes } from './place.ts'
import { counters } from './ground.ts'
import { hash } from './random.ts'

export interface Figures { value: (number | null)[]; lo?: (number | null)[]; hi?: (number | null)[]; flag: number[] }

const bump = (h: number, at: number, width: number) => Math.exp(-((h - at) ** 2) / (2 * width * width))
/** Share of the day's top at an hour: two peaks on weekdays, one broad one at the weekend. */
function rhythm(day: string, h: number): number {
  if (day === 'weekday') return 0.04 + bump(h, 8, 1.2) + 0.35 * bump(h, 12.5, 1.5) + 0.95 * bump(h, 17.5, 1.6)
  if (day === 'saturday') return 0.05 + 0.7 * bump(h, 11, 2) + 0.75 * bump(h, 16, 2.6)
  return 0.04 + 0.45 * bump(h, 11.5, 2) + 0.6 * bump(h, 16, 2.4)
}

function presence(cell: (typeof cells)[number], slot: string): [number, number] {
  const [day, hour] = slot.split('-') as [string, string]
  const h = Number(hour)
  const away = day === 'weekday' ? bump(h, 13, 4.4) : 0.45 * bump(h, 15, 3.4)
  const n = cell.people * (1 - 0.62 * away) + cell.work * away * (day === 'weekday' ? 1.6 : day === 'saturday' ? 0.9 : 0.35)
  return [Math.round(n * (0.93 + 0.14 * hash(cell.id + slot))), 11]
}

function presenceFrame(slot: string): Figures {
  const out: Required<Figures> = { value: [], lo: [], hi: [], flag: [] }
  for (const cell of cells) {
    const [n, half] = presence(cell, slot)
    const empty = hash(`empty${cell.id}`) < 0.03
    const missing = hash(`gap${cell.commune}`) < 0.04
    const flag = missing ? 3 : empty ? 0 : n < 20 ? 2 : 0
    const value = flag >= 2 ? null : empty ? 0 : n
    out.value.push(value)
    out.lo.push(value === null ? null : Math.max(0, value - half))
    out.hi.push(value === null ? null : value + half)
    out.flag.push(flag)
  }
  return out
}

function bikesFrame(slot: string): Figures {
  const out: Figures = { value: [], flag: [] }
  counters.forEach((c, i) => {
    const broken = i === 6 || (i === 11 && slot.startsWith('sunday'))
    const partial = i === 3 || i === 14
    const zero = i === 20 && /-0[0-5]$/.test(slot)
    let n: number
    if (/^\d/.test(slot)) {
      const month = Number(slot.slice(5, 7))
      const season = 0.55 + 0.45 * bump(month, 6.5, 2.4) - (month === 8 ? 0.15 : 0)
      const weekend = slot.length === 10 && [0, 6].includes(new Date(slot).getUTCDay()) ? 0.55 : 1
      n = c.level * 7.5 * season * weekend * (0.85 + 0.3 * hash(c.id + slot))
    } else {
      const [day, hour] = slot.split('-') as [string, string]
      n = c.level * rhythm(day, Number(hour)) * (0.9 + 0.2 * hash(c.id + slot))
    }
    out.value.push(broken ? null : zero ? 0 : Math.round(n))
    out.flag.push(broken ? 3 : partial ? 4 : 0)
  })
  return out
}

const population = communes.map((_, i) => Math.round(cells.filter((c) => c.commune === i).reduce((sum, c) => sum + c.people, 0)))

function communeFrame(measure: string): Figures {
  const out: Required<Figures> = { value: [], lo: [], hi: [], flag: [] }
  communes.forEach((c, i) => {
    const small = measure === 'over_65' && population[i]! < 700
    const estimated = hash(`est${c.id}`) < 0.12
    const lost = measure === 'over_65' && i === 17
    const v = measure === 'residents' ? (i === 29 ? 0 : population[i]!) : Math.round((14 + 16 * hash(`old${c.id}`) - 4 * c.size) * 10) / 10
    const value = small || lost ? null : v
    const half = measure === 'residents' ? Math.round(v * 0.012) : 1.4
    out.value.push(value)
    out.lo.push(value === null ? null : Math.max(0, Math.round((v - half) * 10) / 10))
    out.hi.push(value === null ? null : Math.round((v + half) * 10) / 10)
    out.flag.push(lost ? 3 : small ? 2 : estimated ? 1 : 0)
  })
  return out
}

/** Different passengers of a span: the sum of its hours' rhythm, thinned, noised and published from 60 up, within ± 25. */
function passersFrame(slot: string): Figures {
  const [day, from, to] = slot.split('-') as [string, string?, string?]
  const hours = Array.from({ length: 24 }, (_, h) => h).filter((h) => h >= Number(from ?? 0) && h < Number(to ?? 24))
  const share = 1 - hours.reduce((left, h) => left * (1 - 0.15 * rhythm(day, h)), 1)
  const out: Required<Figures> = { value: [], lo: [], hi: [], flag: [] }
  communes.forEach((c, i) => {
    const n = Math.round(population[i]! * share * (0.8 + 0.4 * hash(c.id + slot)))
    const published = n >= 60
    out.value.push(published ? n : null)
    out.lo.push(published ? Math.max(20, n - 25) : null)
    out.hi.push(published ? n + 25 : null)
    out.flag.push(published ? 0 : 2)
  })
  return out
}

const cellElders = (): Figures => ({
  value: cells.map((c) => (c.people < 11 ? null : Math.round(c.people * (0.12 + 0.2 * hash(`elder${c.id}`))))),
  flag: cells.map((c) => (c.people < 11 ? 2 : 0)),
})

const cellResidents = (): Figures => ({
  value: cells.map((c) => (c.people < 11 ? null : Math.round(c.people))),
  flag: cells.map((c) => (c.people < 11 ? 2 : 0)),
})

const kept = new Map<string, Figures>()

export function frame(measure: string, zones: string, slot: string): Figures {
  const key = `${measure}|${zones}|${slot}`
  let figures = kept.get(key)
  if (!figures) {
    figures = measure === 'presence' ? presenceFrame(slot)
      : measure === 'passers' ? passersFrame(slot)
      : zones === 'counter' ? bikesFrame(slot)
      : zones === 'cell_200m' ? (measure === 'elders' ? cellElders() : cellResidents()) : communeFrame(measure)
    kept.set(key, figures)
  }
  return figures
}

export interface FlowRows { origin: number[]; destination: number[]; value: (number | null)[]; flag: number[] }

/** Commuters by gravity: workers of the origin times jobs of the destination over the square of the distance. */
const commuters: FlowRows = (() => {
  const out: FlowRows = { origin: [], destination: [], value: [], flag: [] }
  communes.forEach((a, i) => communes.forEach((b, j) => {
    const d = Math.hypot(a.site[0] - b.site[0], a.site[1] - b.site[1])
    const n = Math.round((population[i]! * 0.42 * (0.05 + b.size) ** 1.5 * 4) / (2 + d) ** 1.6)
    if (n < 3) return
    out.origin.push(i)
    out.destination.push(j)
    out.value.push(n)
    out.flag.push(0)
  }))
  return out
})()

/** Six sectors of communes, by where they lie, for flows seen from afar. */
export const SECTORS = ['Nord-ouest', 'Nord', 'Nord-est', 'Sud-ouest', 'Sud', 'Sud-est']
export const sectorOf: number[] = (() => {
  const by = (list: number[], axis: 0 | 1, parts: number) => { const sorted = [...list].sort((a, b) => communes[a]!.site[axis] - communes[b]!.site[axis]); return Array.from({ length: parts }, (_, k) => sorted.slice(Math.round((k * list.length) / parts), Math.round(((k + 1) * list.length) / parts))) }
  const out: number[] = []
  by(communes.map((_, i) => i), 1, 2).reverse().forEach((row, r) => by(row, 0, 3).forEach((part, c) => part.forEach((i) => { out[i] = r * 3 + c })))
  return out
})()

/** The flows of communes added up by sector, the greatest first and the rest as a sum, as the server gives them. */
export function sectorFlows(top: number): FlowRows & { rest: { pairs: number; value: number } } {
  const sums = new Map<string, number>()
  commuters.value.forEach((v, k) => { const key = `${sectorOf[commuters.origin[k]!]}/${sectorOf[commuters.destination[k]!]}`; sums.set(key, (sums.get(key) ?? 0) + v!) })
  const all = [...sums].sort((a, b) => b[1] - a[1])
  const [kept, left] = [all.slice(0, top), all.slice(top)]
  return {
    origin: kept.map(([k]) => Number(k.split('/')[0])), destination: kept.map(([k]) => Number(k.split('/')[1])), value: kept.map(([, v]) => v), flag: kept.map(() => 0),
    rest: { pairs: left.length, value: left.reduce((s, [, v]) => s + v, 0) },
  }
}

export function flows(from?: number, to?: number): FlowRows {
  const keep = commuters.origin.map((_, k) => k).filter((k) =>
    (from === undefined || commuters.origin[k] === from) && (to === undefined || commuters.destination[k] === to))
  return {
    origin: keep.map((k) => commuters.origin[k]!), destination: keep.map((k) => commuters.destination[k]!),
    value: keep.map((k) => commuters.value[k]!), flag: keep.map((k) => commuters.flag[k]!),
  }
}
