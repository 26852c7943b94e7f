/** Frames: the figures of every zone at one slot, kept so that moving the hour shows them at once. */
import type { Api } from './api'
import { NO_DATA, NOT_PUBLISHED } from './flag'

export interface Frame {
  value: (number | null)[]
  /** Ends of the interval; absent when the measure has none. */
  lo?: (number | null)[]
  hi?: (number | null)[]
  flag: number[]
}

/** All slots of one zone. */
export interface Profile extends Frame { slots: string[] }

const KEPT = 240

export class Frames {
  private readonly kept = new Map<string, Promise<Frame>>()
  private readonly ready = new Map<string, Frame>()

  constructor(private readonly api: Api) {}

  private static key = (measure: string, zones: string, slot: string) => `${measure}|${zones}|${slot}`

  /** The frame when it is already here. */
  now(measure: string, zones: string, slot: string): Frame | undefined {
    return this.ready.get(Frames.key(measure, zones, slot))
  }

  get(measure: string, zones: string, slot: string): Promise<Frame> {
    const key = Frames.key(measure, zones, slot)
    const known = this.kept.get(key)
    if (known) return known
    const asked = this.api.frame(measure, zones, slot).then((frame) => {
      this.ready.set(key, frame)
      return frame
    })
    asked.catch(() => this.kept.delete(key))
    this.kept.set(key, asked)
    this.forget()
    return asked
  }

  /** Fetches slots ahead of need; what fails is asked again when it is needed. */
  prefetch(measure: string, zones: string, slots: string[]): void {
    for (const slot of slots) this.get(measure, zones, slot).catch(() => undefined)
  }

  private forget(): void {
    for (const key of this.kept.keys()) {
      if (this.kept.size <= KEPT) return
      this.kept.delete(key)
      this.ready.delete(key)
    }
  }
}

/** One figure of a frame. */
export interface Figure { value: number | null; lo: number | null; hi: number | null; flag: number }

export function figure(frame: Frame, i: number): Figure {
  const flag = frame.flag[i] ?? NO_DATA
  const withheld = flag === NOT_PUBLISHED || flag === NO_DATA
  const pick = (list?: (number | null)[]) => (withheld ? null : list?.[i] ?? null)
  return { value: pick(frame.value), lo: pick(frame.lo), hi: pick(frame.hi), flag: !withheld && frame.value[i] == null ? NO_DATA : flag }
}

/**
 * Place of a value among the published ones, from the highest: 1 is the highest. Where intervals overlap the place is not
 * known better than from best to worst.
 */
export function rank(frame: Frame, i: number): { best: number; worst: number; of: number } | undefined {
  const mine = figure(frame, i)
  if (mine.value === null) return undefined
  const all = frame.value.map((_, k) => figure(frame, k)).filter((f) => f.value !== null)
  const low = (f: Figure) => f.lo ?? f.value!
  const high = (f: Figure) => f.hi ?? f.value!
  const exact = mine.lo === null
  const best = 1 + all.filter((f) => low(f) > high(mine)).length
  const worst = exact ? best : all.filter((f) => high(f) >= low(mine)).length
  return { best, worst: Math.max(best, worst), of: all.length }
}
