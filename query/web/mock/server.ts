/**
 * A stand-in for `jumeau serve` over an invented territory, for development and for the browser tests: the same addresses,
 * the same answers, the same safe headers. Never part of the built page.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { brotliCompressSync, constants } from 'node:zlib'
import GeoJSONVT from 'geojson-vt'
import { parquetWriteBuffer } from 'hyparquet-writer'
import vtpbf from 'vt-pbf'
import { catalog, RELEASE } from './catalog.ts'
import { flows, frame, sectorFlows, sectorOf, SECTORS } from './figures.ts'
import { buildings, cellShapes, communeShapes, counters, counterShapes, facilities, roads, water, woods } from './ground.ts'
import { searchFile, tour } from './visit.ts'
import { cells, communeAt, communes, toLonLat, type XY } from './place.ts'

const PAST = '2025-11-24T0200Z-77ab02'

const shapes: Record<string, GeoJSON.Feature[]> = {
  land: communeShapes, communes: communeShapes, commuting: communeShapes, water, woods, roads, houses: buildings, buildings,
  flood: [{ type: 'Feature', properties: { id: 'f1' }, geometry: { type: 'Polygon', coordinates: [[[1.52, 43.47], [1.6, 43.48], [1.62, 43.52], [1.55, 43.53], [1.52, 43.47]]] } }],
  passers: communeShapes, presence: cellShapes, elders: cellShapes, bike_counters: counterShapes, facilities,
}
communeShapes.forEach((f, i) => Object.assign(f.properties!, { siren: `2131${5000 + i}`, altitude: 140 + ((i * 37) % 120) }))

const indexes = new Map<string, InstanceType<typeof GeoJSONVT>>()

function tile(name: string, z: number, x: number, y: number): Buffer | undefined {
  const layer = catalog.layers.find((l) => l.id === name)
  if (!layer || !shapes[name] || z < layer.minzoom || z > layer.maxzoom) return undefined
  let index = indexes.get(name)
  if (!index) {
    index = new GeoJSONVT({ type: 'FeatureCollection', features: shapes[name] }, { maxZoom: 14, indexMaxZoom: 5, extent: 4096, buffer: 64, tolerance: 3 })
    indexes.set(name, index)
  }
  const found = index.getTile(z, x, y)
  return Buffer.from(found ? vtpbf.fromGeojsonVt({ [name]: found }, { version: 2 }) : [])
}

const boxOf = (points: XY[]) => {
  const at = points.map(toLonLat)
  const [xs, ys] = [at.map((p) => p[0]), at.map((p) => p[1])]
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}

function zones(system: string): object | undefined {
  const head = { release: RELEASE, system }
  const lonlat = (points: XY[]) => { const at = points.map(toLonLat); return { lon: at.map((p) => p[0]), lat: at.map((p) => p[1]) } }
  switch (system) {
    case 'commune':
      return { ...head, ids: communes.map((c) => c.id), names: communes.map((c) => c.name), ...lonlat(communes.map((c) => c.site)),
        bbox: communes.map((c) => boxOf(c.ring)), area_m2: communes.map((c) => area(c.ring)), parents: { sector: sectorOf } }
    case 'sector': {
      const of = SECTORS.map((_, k) => communes.filter((_, i) => sectorOf[i] === k))
      const middle = (k: number): XY => { const c = of[k]!; return [c.reduce((s, x) => s + x.site[0], 0) / c.length, c.reduce((s, x) => s + x.site[1], 0) / c.length] }
      return { ...head, ids: SECTORS.map((_, k) => `S${k + 1}`), names: SECTORS, ...lonlat(SECTORS.map((_, k) => middle(k))),
        bbox: of.map((c) => boxOf(c.flatMap((x) => x.ring))), area_m2: of.map((c) => c.reduce((s, x) => s + area(x.ring), 0)), parents: {} }
    }
    case 'counter':
      return { ...head, ids: counters.map((c) => c.id), names: counters.map((c) => c.name), ...lonlat(counters.map((c) => c.at)),
        bbox: counters.map((c) => boxOf([c.at])), area_m2: counters.map(() => 0), parents: { commune: counters.map((c) => communeAt(c.at)).map((i) => (i < 0 ? null : i)) } }
    case 'cell_200m':
      return { ...head, ids: cells.map((c) => c.id), names: cells.map(() => ''), ...lonlat(cells.map((c): XY => [c.west + 0.1, c.south + 0.1])),
        bbox: cells.map((c) => boxOf([[c.west, c.south], [c.west + 0.2, c.south + 0.2]])), area_m2: cells.map(() => 40000), parents: { commune: cells.map((c) => c.commune) } }
  }
  return undefined
}

function area(ring: XY[]): number {
  let twice = 0
  ring.forEach((p, i) => { const q = ring[(i + 1) % ring.length]!; twice += p[0] * q[1] - q[0] * p[1] })
  return Math.round(Math.abs(twice / 2) * 1e6)
}

function index(system: string, id: string | null): number | undefined {
  if (id === null) return undefined
  const ids = (zones(system) as { ids: string[] } | undefined)?.ids ?? []
  return ids.indexOf(id)
}

function profile(measure: string, system: string, id: string): object | undefined {
  const slots = catalog.measures.find((m) => m.id === measure)?.slots
  const i = index(system, id)
  if (!slots || i === undefined || i < 0) return undefined
  const frames = slots.map((slot) => frame(measure, system, slot))
  const pick = (key: 'lo' | 'hi') => (frames[0]![key] ? { [key]: frames.map((f) => f[key]![i]) } : {})
  return { release: RELEASE, measure, zones: system, zone: id, slots, value: frames.map((f) => f.value[i]), flag: frames.map((f) => f.flag[i]), ...pick('lo'), ...pick('hi') }
}

/** The points of a layer as GeoParquet; other layers are an empty file here. */
function parquet(name: string): Buffer {
  const found = shapes[name] ?? []
  if (!['Point', 'Polygon'].includes(found[0]?.geometry.type ?? '') || found[0]!.properties?.id === undefined) return Buffer.from('PAR1')
  const names = [...new Set(found.flatMap((f) => Object.keys(f.properties ?? {})))]
  const column = (key: string) => found.map((f) => { const v = f.properties?.[key]; return v === undefined || v === null ? undefined : String(v) })
  return Buffer.from(parquetWriteBuffer({ columnData: [
    ...names.map((key) => ({ name: key, data: column(key), type: 'STRING' as const, nullable: true })),
    { name: 'geometry', data: found.map((f) => f.geometry), type: 'GEOMETRY' as const },
  ] }))
}

/** A privacy card: that of the gate for the protected source, a sentence for the others. */
function card(id: string): object {
  const source = catalog.sources.find((s) => s.id === id)!
  const head = { source: id, title: source.title, class: source.class }
  if (!source.protected) return { ...head, words: [{ fr: 'Des chiffres déjà publiés par leur producteur.', en: 'Figures already published by their producer.' }] }
  return {
    ...head, purpose: { fr: 'Adapter les cars aux usages', en: 'Fit coaches to their use' }, legal_basis: 'public task', retention: 'P30D',
    words: [{ fr: 'Aucun chiffre n’est publié à partir de moins de 20 personnes.', en: 'No figure is published from fewer than 20 people.' }],
    gate: {
      class: 'C', unit: 'person', k: 20, epsilon: 1, delta: 1e-6, guess: 0.7310595786,
      tables: [{ name: 'passers', slot: 'three_hours', l0: 8, bias: { factor: 1.43, lo: 1.38, hi: 1.49, kept: 0.7 }, levels: [{ system: 'commune', half_width: 25, threshold: 60, cells: 1188, published: 871 }] }],
      ledger_entry: { seq: 3, at: '2026-11-23T02:01:00Z', hash: '7d603f6f5f2fc08e175e6837d22b4e0aa300ab60e30b9806c41cc1ed7935296b' }, tests: ['T3', 'T4'],
    },
  }
}

type Answer = { status: number; type: string; body: Buffer; immutable?: boolean }

const json = (body: object): Answer => ({ status: 200, type: 'application/json; charset=utf-8', body: Buffer.from(JSON.stringify(body)) })
const problem = (status: number, title: string, hint: string): Answer => ({
  status, type: 'application/problem+json', body: Buffer.from(JSON.stringify({ type: 'about:blank', title, status, detail: title, hint })),
})

/** A release of the year before: the same but for a tenth fewer residents, and no counters. */
function past(path: string, url: URL): Answer {
  const now = answer(`${path}${url.search}`)!
  if (now.status !== 200 || now.type !== 'application/json; charset=utf-8') return { ...now, immutable: true }
  const body = JSON.parse(now.body.toString()) as Record<string, unknown>
  if (path === '/catalog') {
    const c = body as unknown as typeof catalog
    return { ...json({ ...c, release: PAST, built_at: '2025-11-24T02:03:00Z', layers: c.layers.filter((l) => l.id !== 'bike_counters').map((l) => ({ ...l, tiles: l.tiles.replace(RELEASE, PAST) })) }), immutable: true }
  }
  if (path === '/values/residents') for (const key of ['value', 'lo', 'hi']) body[key] = (body[key] as (number | null)[] | undefined)?.map((v) => (v === null ? null : Math.round(v * 0.9)))
  return { ...json({ ...body, release: PAST }), immutable: true }
}

/** The answer to an address of the API, or undefined when the address belongs to the page. */
export function answer(address: string): Answer | undefined {
  const url = new URL(address, 'http://mock')
  const pinned = url.pathname.match(/^\/r\/([^/]+)(\/.*)$/)
  if (pinned && pinned[1] === PAST) return past(pinned[2]!, url)
  if (pinned && pinned[1] !== RELEASE) return problem(404, 'this release is not served', 'read /catalog again')
  const path = pinned ? pinned[2]! : url.pathname
  const ask = (name: string) => url.searchParams.get(name)
  const [, verb, subject] = path.split('/')
  const missing = problem(404, `no such ${verb}: ${subject ?? ''}`, 'see /catalog for what there is')
  let found: Answer | undefined
  switch (verb) {
    case 'tours': found = subject === tour.id ? json(tour) : missing; break
    case 'search': { const f = searchFile(subject!, path.split('/')[3] ?? ''); found = f ? json(f) : missing; break }
    case 'catalog': found = json(catalog); break
    case 'releases': found = json({ releases: [{ id: RELEASE, built_at: catalog.built_at, current: true }, { id: PAST, built_at: '2025-11-24T02:03:00Z', current: false }] }); break
    case 'zones': { const z = zones(subject!); found = z ? json(z) : missing; break }
    case 'values': {
      const m = catalog.measures.find((one) => one.id === subject)
      found = m?.slots.includes(ask('slot') ?? '') && m.systems.some((s) => s.zones === ask('zones'))
        ? json({ release: RELEASE, measure: subject, zones: ask('zones'), slot: ask('slot'), ...frame(subject!, ask('zones')!, ask('slot')!) }) : missing
      break
    }
    case 'profile': { const p = profile(subject!, ask('zones') ?? '', ask('zone') ?? ''); found = p ? json(p) : missing; break }
    case 'flows': found = json({ release: RELEASE, ...ask('zones') === 'sector' ? sectorFlows(Number(ask('top') ?? 1e6)) : flows(index('commune', ask('from')), index('commune', ask('to'))) }); break
    case 'tiles': {
      const m = path.match(/^\/tiles\/([^/]+)\/(\d+)\/(\d+)\/(\d+)\.mvt$/)
      const bytes = m && tile(m[1]!, Number(m[2]), Number(m[3]), Number(m[4]))
      found = !bytes ? missing : { status: bytes.length ? 200 : 204, type: 'application/vnd.mapbox-vector-tile', body: bytes }
      break
    }
    case 'privacy': {
      const cards = catalog.sources.filter((x) => x.class && (!subject || x.id === subject)).map((x) => card(x.id))
      found = subject && cards.length === 0 ? missing : json({ release: RELEASE, territory: catalog.territory, cards })
      break
    }
    case 'status': found = json({ release: RELEASE }); break
    case 'download': found = { status: 200, type: 'application/vnd.apache.parquet', body: parquet(subject!.replace(/\.parquet$/, '')) }; break
  }
  if (found && pinned) found.immutable = true
  return found
}

const packed = new Map<string, Buffer>()

/** Sends an answer with the headers of the real server; compressed once, then kept. */
export function send(req: IncomingMessage, res: ServerResponse, key: string, found: Answer): void {
  const headers: Record<string, string> = {
    'content-type': found.type, 'x-content-type-options': 'nosniff',
    'cache-control': found.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  }
  let body = found.body
  if (body.length > 200 && /\bbr\b/.test(String(req.headers['accept-encoding']))) {
    const small = packed.get(key) ?? brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: body.length > 3e5 ? 9 : 6 } })
    packed.set(key, small)
    body = small
    headers['content-encoding'] = 'br'
  }
  headers['content-length'] = String(body.length)
  res.writeHead(found.status, headers).end(found.status === 204 ? undefined : body)
}

/** Connect-style middleware: answers the API, leaves the rest. */
export function mock(req: IncomingMessage, res: ServerResponse, next: () => void): void {
  const found = answer(req.url ?? '/')
  if (found) send(req, res, req.url!, found)
  else next()
}
