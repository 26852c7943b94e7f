/** The server's addresses. Everything but the catalogue is asked of one release, and so may be kept for ever. */
import { complete, type Catalog } from './catalog'
import type { FlowRows } from './flow'
import type { Frame, Profile } from './frame'
import { once } from './once'
import type { Card } from './privacy'
import type { Tour } from './tour'
import { Zones, type ZonesAnswer } from './zone'

/** Why an answer did not come: the server could not be reached (status 0) or it said no, with its own words. */
export class Problem extends Error {
  constructor(readonly status: number, readonly title: string, readonly hint = '') {
    super(title)
  }

  get unreachable(): boolean { return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504 }
}

/** A release that is still served. */
export interface Past { id: string; built_at: string; current: boolean }

const WAIT_MS = 30_000

/** Tiles of a folder: by zoom and column the rows, from, to, from, to. */
type Rows = Record<string, Record<string, number[]>>

export class Api {
  /** The release whose figures are asked for; set by catalog(). */
  release = ''

  private readonly there = new Map<string, Promise<Rows>>()

  /** files: there is no server, but a folder in which each answer is a file (doc/static-hosting.md). */
  constructor(readonly base: string = document.baseURI, readonly files = !!document.querySelector('meta[name="jumeau-files"]')) {}

  /** Reads the catalogue and asks for the figures of its release from then on. */
  async catalog(): Promise<Catalog> {
    const catalog = complete(await this.json<Catalog>(this.files ? 'catalog.json' : 'catalog', 'no-cache'))
    this.release = catalog.release
    return catalog
  }

  /** The id of the release now served, to notice a new one. */
  async served(): Promise<string> {
    return (await this.json<Catalog>(this.files ? 'catalog.json' : 'catalog', 'no-cache')).release
  }

  /** The releases that can be compared with the current one, newest first; a folder holds one only. */
  async releases(): Promise<Past[]> {
    return this.files ? [] : (await this.json<{ releases: Past[] }>('releases', 'no-cache')).releases
  }

  /** Another release, with its catalogue: its addresses never change. */
  async at(release: string): Promise<{ api: Api; catalog: Catalog }> {
    const api = new Api(this.base, this.files)
    api.release = release
    return { api, catalog: complete(await api.json<Catalog>(api.pinned('catalog'))) }
  }

  async zones(system: string): Promise<Zones> {
    return new Zones(await this.json<ZonesAnswer>(this.pinned(`zones/${encodeURIComponent(system)}`)))
  }

  frame(measure: string, zones: string, slot: string): Promise<Frame> {
    return this.json(this.pinned(`values/${encodeURIComponent(measure)}`, { zones, slot }))
  }

  /** i is the zone's index: files hold several zones. */
  async profile(measure: string, zones: string, zone: string, i: number): Promise<Profile> {
    if (this.files) return (await this.json<Profile[]>(this.pinned(`profile/${encodeURIComponent(measure)}`, { zones, part: String(Math.floor(i / 16)) })))[i % 16]!
    return this.json(this.pinned(`profile/${encodeURIComponent(measure)}`, { zones, zone }))
  }

  /** All pairs of a slot, or the greatest, with the sum of the others. A folder holds the greatest of coarser zones only. */
  flows(flow: string, zones: string, slot: string, top?: number): Promise<FlowRows> {
    return this.json(this.pinned(`flows/${encodeURIComponent(flow)}`, { zones, slot, ...(top && { top: String(top) }) }))
  }

  /** The same, restricted to one origin or one destination. */
  flowsOf(flow: string, zones: string, slot: string, end: { from?: string; to?: string }): Promise<FlowRows> {
    return this.json(this.pinned(`flows/${encodeURIComponent(flow)}`, { zones, slot, ...end }))
  }

  tour(id: string): Promise<Tour> { return this.json(this.pinned(`tours/${encodeURIComponent(id)}`)) }

  /** A file of a layer's search index: index, w0, n0. */
  index<T>(layer: string, file: string): Promise<T> { return this.json(this.pinned(`search/${encodeURIComponent(layer)}/${file}`)) }

  /** The privacy card of a source, of the release now served. */
  async card(source: string): Promise<Card | undefined> {
    return (await this.json<{ cards: Card[] }>(`privacy/${encodeURIComponent(source)}${this.files ? '.json' : ''}`)).cards[0]
  }

  /** Bytes of a tile; empty when nothing is there. */
  async tile(address: string): Promise<ArrayBuffer> {
    if (this.files && !await this.has(address)) return new ArrayBuffer(0)
    const response = await this.get(this.absolute(address))
    const bytes = response.status === 204 ? new ArrayBuffer(0) : await response.arrayBuffer()
    const start = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength))
    if (start[0] !== 0x1f || start[1] !== 0x8b) return bytes // some servers say that a file is compressed, and the browser unpacks it
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer()
  }

  /** Whether the folder holds a tile. */
  private async has(address: string): Promise<boolean> {
    const [, layer, z, x, y] = address.match(/^(.*)\/(\d+)\/(\d+)\/(\d+)\.mvt/)!
    const rows = await once(this.there, layer!, () => this.json<Rows>(`${layer!}/index.json`))
    const runs = rows[z!]?.[x!] ?? []
    return runs.some((from, k) => k % 2 === 0 && +y! >= from && +y! <= runs[k + 1]!)
  }

  /** The page that says how people are protected in a source; the whole of it where there are only files. */
  privacy(lang: string, source?: string): string {
    if (this.files) return `privacy/${lang === 'en' ? 'en' : 'index'}.html`
    return source ? `privacy/${encodeURIComponent(source)}` : 'privacy'
  }

  /** A file of the release, whole. */
  async file(address: string): Promise<ArrayBuffer> {
    return (await this.get(this.absolute(address))).arrayBuffer()
  }

  /** An address as the catalogue gives it, from the root of the server, for whoever needs a whole one. */
  absolute(address: string): string {
    return new URL(address.replace(/^\//, ''), this.base).href.replaceAll('%7B', '{').replaceAll('%7D', '}')
  }

  private pinned(path: string, query: Record<string, string> = {}): string {
    if (this.files) return `${[path, ...Object.values(query).map(encodeURIComponent)].join('/')}.json`
    const search = Object.keys(query).length ? `?${new URLSearchParams(query)}` : ''
    return `r/${encodeURIComponent(this.release)}/${path}${search}`
  }

  private async json<T>(path: string, cache: RequestCache = 'default'): Promise<T> {
    const response = await this.get(new URL(path, this.base).href, cache, { accept: 'application/json' })
    try {
      return await response.json() as T
    } catch {
      throw new Problem(0, `unreadable answer from ${path}`)
    }
  }

  private async get(url: string, cache: RequestCache = 'default', headers?: HeadersInit): Promise<Response> {
    let response: Response
    try {
      response = await fetch(url, { cache, headers, signal: AbortSignal.timeout(WAIT_MS) })
    } catch (error) {
      throw new Problem(0, error instanceof Error ? error.message : String(error))
    }
    if (response.ok) return response
    const said = await response.json().catch(() => ({})) as { title?: string; detail?: string; hint?: string }
    throw new Problem(response.status, said.detail || said.title || `HTTP ${response.status}`, said.hint)
  }
}
