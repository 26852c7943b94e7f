/** The server's addresses. Everything but the catalogue is asked of one release, and so may be kept for ever. */
import { complete, type Catalog } from './catalog'
import type { FlowRows } from './flow'
import type { Frame, Profile } from './frame'
import type { Card } from './privacy'
import { Zones, type ZonesAnswer } from './zone'

/** Why an answer did not come: the server could not be reached (status 0) or it said no, with its own words. */
export class Problem extends Error {
  constructor(readonly status: number, readonly title: string, readonly hint = '') {
    super(title)
  }

  get unreachable(): boolean { return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504 }
}

const WAIT_MS = 30_000

export class Api {
  /** The release whose figures are asked for; set by catalog(). */
  release = ''

  constructor(readonly base: string = document.baseURI) {}

  /** Reads the catalogue and asks for the figures of its release from then on. */
  async catalog(): Promise<Catalog> {
    const catalog = complete(await this.json<Catalog>('catalog', 'no-cache'))
    this.release = catalog.release
    return catalog
  }

  /** The id of the release now served, to notice a new one. */
  async served(): Promise<string> {
    return (await this.json<Catalog>('catalog', 'no-cache')).release
  }

  async zones(system: string): Promise<Zones> {
    return new Zones(await this.json<ZonesAnswer>(this.pinned(`zones/${encodeURIComponent(system)}`)))
  }

  frame(measure: string, zones: string, slot: string): Promise<Frame> {
    return this.json(this.pinned(`values/${encodeURIComponent(measure)}`, { zones, slot }))
  }

  profile(measure: string, zones: string, zone: string): Promise<Profile> {
    return this.json(this.pinned(`profile/${encodeURIComponent(measure)}`, { zones, zone }))
  }

  flows(flow: string, zones: string, slot: string): Promise<FlowRows> {
    return this.json(this.pinned(`flows/${encodeURIComponent(flow)}`, { zones, slot }))
  }

  /** The same, restricted to one origin or one destination. */
  flowsOf(flow: string, zones: string, slot: string, end: { from?: string; to?: string }): Promise<FlowRows> {
    return this.json(this.pinned(`flows/${encodeURIComponent(flow)}`, { zones, slot, ...end }))
  }

  /** The privacy card of a source, of the release now served. */
  async card(source: string): Promise<Card | undefined> {
    return (await this.json<{ cards: Card[] }>(`privacy/${encodeURIComponent(source)}`)).cards[0]
  }

  /** Bytes of a tile; empty when nothing is there. */
  async tile(address: string): Promise<ArrayBuffer> {
    const response = await this.get(this.absolute(address))
    return response.status === 204 ? new ArrayBuffer(0) : response.arrayBuffer()
  }

  /** An address as the catalogue gives it, from the root of the server, for whoever needs a whole one. */
  absolute(address: string): string {
    return new URL(address.replace(/^\//, ''), this.base).href.replaceAll('%7B', '{').replaceAll('%7D', '}')
  }

  private pinned(path: string, query?: Record<string, string>): string {
    const search = query ? `?${new URLSearchParams(query)}` : ''
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
