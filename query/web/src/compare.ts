/** The figures that those shown are compared with: of another slot, or of another release. */
import type { Api } from './api'
import { changeOf, type Change } from './answer/change'
import { isFlow, type Catalog, type Layer, type Measure } from './catalog'
import { NO_DATA } from './flag'
import { figure, type Frame } from './frame'
import { looksOf, type Look } from './legend'
import type { Session, State } from './session'
import { firstSlot, kindOf, ofKind } from './slot'
import type { Zones } from './zone'

export const RELEASE = 'r/'

export interface Other { api: Api; catalog: Catalog; layer: Layer; zones: Zones; slot: string; frame: Frame; looks: Look[]; /** Set when it is another release. */ release?: string }

/** Why there is nothing to compare with. */
export class Missing extends Error {}

/** The slots that one of the same kind may be compared with. */
export const comparable = (measure: Measure, slot: string): string[] => ofKind(measure.slots, kindOf(slot) ?? 'all').filter((s) => s !== slot)

/** Reads the other side. Its classes are those of the shown one, so that a colour means the same on both. */
export async function other(session: Session, state: State, vs: string): Promise<Other> {
  const { layer, shown, slot, scale, catalog } = state
  if (!layer?.zones || !shown || isFlow(shown) || !scale) throw new Missing('nothing is shown')
  if (!vs.startsWith(RELEASE)) {
    if (!shown.slots.includes(vs)) throw new Missing(`no slot ${vs}`)
    const [zones, frame] = await Promise.all([session.zonesOf(layer.zones), session.figures(shown.id, layer.zones, vs)])
    return { api: session.api, catalog: catalog!, layer, zones, slot: vs, frame, looks: looksOf(scale, frame) }
  }
  const release = vs.slice(RELEASE.length)
  const past = await session.wanted(`release/${release}`, () => session.api.at(release))
  const then = past.catalog.layers.find((l) => l.id === layer.id)
  const measure = past.catalog.measures.find((m) => m.id === shown.id)
  if (!then?.zones || !measure?.systems.some((s) => s.zones === then.zones)) throw new Missing(`no ${shown.id} in ${release}`)
  const at = measure.slots.includes(slot) ? slot : firstSlot(measure.slots)
  const [zones, frame] = await Promise.all([
    session.wanted(`${release}/zones/${then.zones}`, () => past.api.zones(then.zones!)),
    session.wanted(`${release}/values/${measure.id}/${then.zones}/${at}`, () => past.api.frame(measure.id, then.zones!, at)),
  ])
  return { ...past, layer: then, zones, slot: at, frame, looks: looksOf(scale, frame), release }
}

/** The change of each zone from the other side to the shown one; zones are those with the same id. */
export function changesFrom(then: Other, zones: Zones, frame: Frame): Change[] {
  return zones.raw.ids.map((id, i) => {
    const k = then.zones.at(id)
    return changeOf(i, k === undefined ? { value: null, lo: null, hi: null, flag: NO_DATA } : figure(then.frame, k), figure(frame, i))
  })
}
