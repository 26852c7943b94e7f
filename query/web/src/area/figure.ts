/**
 * The figure of a drawn polygon, made of the published figures of zones, as the server makes it (query/figure): zones inside are
 * counted whole, crossed ones by their share of area, and since what is counted may lie anywhere in a crossed zone, the interval
 * goes from none of it to all of it. Nothing but published figures is used, so that nothing can be learned that the map does not tell.
 */
import { ESTIMATED, NO_DATA, NOT_PUBLISHED, OK, PARTIAL } from '../flag'
import { figure, type Figure, type Frame } from '../frame'

/** The share below which a difference between a drawn border and a zone's is one of drawing. */
export const SLIVER = 0.001

export interface Crossed { zone: number; share: number }

/** What of a zone system lies in a polygon; areas in square metres. */
export interface Cover { inside: number[]; crossed: Crossed[]; area: number }

export interface Composed extends Figure {
  /** Of the value, what the zones inside are, and how many of them have a figure. */
  whole: number
  wholes: number
  notPublished: number
  noData: number
}

export function compose(cover: Cover, frame: Frame): Composed {
  let [value, whole, wholes, lo, hi] = [0, 0, 0, 0, 0]
  let [any, bounds, estimated, partial] = [false, false, false, false]
  let [notPublished, noData] = [0, 0]
  const take = (zone: number, share?: number) => {
    const f = figure(frame, zone)
    if (f.value === null) {
      if (f.flag === NOT_PUBLISHED) notPublished++
      else noData++
      return
    }
    any = true
    estimated ||= f.flag === ESTIMATED
    partial ||= f.flag === PARTIAL
    const known = f.lo !== null && f.hi !== null
    const [low, high] = known ? [f.lo!, f.hi!] : [f.value, f.value]
    value += f.value * (share ?? 1)
    if (share === undefined) {
      whole += f.value
      wholes++
      lo += low
      hi += high
      bounds ||= known
    } else {
      lo += Math.min(0, low)
      hi += Math.max(0, high)
      bounds = true
    }
  }
  for (const zone of cover.inside) take(zone)
  for (const { zone, share } of cover.crossed) take(zone, share)
  const counts = { whole, wholes, notPublished, noData }
  if (!any) return { value: null, lo: null, hi: null, flag: notPublished ? NOT_PUBLISHED : NO_DATA, ...counts }
  // Of a zone without a figure nothing is known, so that of the whole no bound is.
  if (notPublished + noData > 0) return { value, lo: null, hi: null, flag: PARTIAL, ...counts }
  const flag = partial ? PARTIAL : estimated || cover.crossed.length ? ESTIMATED : OK
  return { value, lo: bounds ? Math.min(value, lo) : null, hi: bounds ? Math.max(value, hi) : null, flag, ...counts }
}
