/** What a visit needs of a flow: its pairs, the figures of zones that they make, and the greatest of the whole territory. */
import type { Flow } from './catalog'
import { flowFrame, type FlowRows } from './flow'
import { look, NOTHING, roundedBreaks, scale } from './legend'
import { GREATEST, levelAt, overview, WHOLE } from './overview'
import type { Session, State } from './session'
import type { Zones } from './zone'

/** The pairs of a flow in its own zones, all where they are not too many. */
const pairsOf = (session: Session, shown: Flow, system: string, slot: string): Promise<FlowRows> =>
  session.wanted(`flows/${shown.id}/${slot}`, () => session.api.flows(shown.id, system, slot, session.api.files ? undefined : WHOLE))

/** The figures by zone, over all others or with the chosen one, and how they are classed. */
export async function flowFigures(session: Session, shown: Flow, zones: Zones): Promise<Partial<State>> {
  const { view, slot } = session.state
  const dir = view.dir ?? 'to'
  const zone = view.zone === undefined ? undefined : zones.at(view.zone)
  const all = await pairsOf(session, shown, zones.system, slot)
  // Of very many pairs only the greatest were read: those of one zone are asked for, and totals of zones are not known.
  const part = (all.rest?.pairs ?? 0) > 0
  const rows = !part || zone === undefined ? all : await session.wanted(`flows/${shown.id}/${slot}/${dir}/${view.zone}`, () => session.api.flowsOf(shown.id, zones.system, slot, { [dir]: view.zone }))
  const frame = part && zone === undefined ? { value: zones.raw.ids.map(() => null), flag: zones.raw.ids.map(() => 0) } : flowFrame(rows, zones.count, dir, zone)
  const classes = scale(roundedBreaks(frame.value, 5), 0)
  const looks = frame.value.map((v, i) => (v === null && frame.flag[i] === 0 ? NOTHING : look(classes, v, frame.flag[i] ?? 0)))
  return { rows, frame, frameSlot: slot, scale: classes, looks }
}

/** The greatest flows of the territory, between zones that stand apart at the zoom; undefined where they are shown already, or no longer wanted. */
export async function wideFlows(session: Session, shown: Flow, own: Zones, zoom: number | undefined): Promise<State['wide']> {
  const { catalog, slot } = session.state
  const system = levelAt(catalog!, shown, own, zoom)
  const [zones, rows] = await Promise.all([
    session.zonesOf(system),
    system === own.system ? pairsOf(session, shown, system, slot) : session.wanted(`flows/${shown.id}/${slot}/${system}`, () => session.api.flows(shown.id, system, slot, GREATEST)),
  ])
  const now = session.state
  return now.shown !== shown || now.slot !== slot || now.wide?.rows === rows ? undefined : { zones, rows, found: overview(rows) }
}
