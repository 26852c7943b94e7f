/** What the served territory has to show, read from its catalogue, so that the same tests run against any server. */
import { complete, counted, isFlow, offers, placeSystem, subjects, type Catalog, type Flow, type Layer, type Measure } from '../../src/catalog'
import type { Frame } from '../../src/frame'
import type { ZonesAnswer } from '../../src/zone'
import { hourOf, kindOf } from '../../src/slot'

export interface Offer { layer: Layer; measure: Measure }

export class Territory {
  private constructor(readonly url: string, readonly catalog: Catalog) {}

  static async at(url: string): Promise<Territory> {
    return new Territory(url, complete(await (await fetch(`${url}catalog`)).json() as Catalog))
  }

  get subjects(): Layer[] { return subjects(this.catalog) }
  get places(): string { return placeSystem(this.catalog)!.id }

  private find(wanted: (m: Measure, l: Layer) => boolean): Offer | undefined {
    for (const layer of this.subjects) {
      for (const m of offers(this.catalog, layer)) if (!isFlow(m) && wanted(m, layer)) return { layer, measure: m }
    }
    return undefined
  }

  /** A subject whose figures change with the hour. */
  get hourly(): Offer | undefined { return this.find((m) => m.slots.some((s) => hourOf(s))) }
  /** A subject whose figures are drawn from people by the gate, with an interval. */
  get protected(): Offer | undefined { return this.find((m) => !!counted(this.catalog, m) && m.slots.length > 1) ?? this.find((m) => !!counted(this.catalog, m)) }
  /** One published by spans of three hours and by half days. */
  get spans(): Offer | undefined { return this.find((m) => m.slots.includes('weekday-06-09') && m.slots.some((s) => kindOf(s) === 'half_day')) }
  /** A subject about the communes themselves. */
  get ofPlaces(): Offer | undefined { return this.find((_, l) => l.zones === this.places) }
  /** One whose figures may be added up over communes, best without withheld ones. */
  get addable(): Offer | undefined {
    const fits = (m: Measure, l: Layer) => l.zones === this.places && !m.unit.fr.startsWith('%') && !m.mean
    return this.find((m, l) => fits(m, l) && !m.table && m.slots.includes('all')) ?? this.find(fits)
  }
  get any(): Offer | undefined { return this.find(() => true) }
  get flow(): { layer: Layer; flow: Flow } | undefined {
    for (const layer of this.subjects) for (const f of offers(this.catalog, layer)) if (isFlow(f)) return { layer, flow: f }
    return undefined
  }
  /** A subject made of features without zones. */
  get features(): Layer | undefined { return this.subjects.find((l) => !l.zones) }

  async zones(system: string): Promise<ZonesAnswer> {
    return await (await fetch(`${this.url}zones/${system}`)).json() as ZonesAnswer
  }

  async frame({ layer, measure }: Offer, slot: string): Promise<Frame> {
    return await (await fetch(`${this.url}values/${measure.id}?zones=${layer.zones}&slot=${slot}`)).json() as Frame
  }
}

/** Numbers without their spaces, as the page and Intl may write them differently. */
export const digits = (text: string): string => text.replace(/[^\d,.-]/g, '')
