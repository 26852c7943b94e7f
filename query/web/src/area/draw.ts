/** What a visitor does to an area of their own: opens it, draws it, gives it up. */
import type { Session } from '../session'
import type { Polygons } from './read'
import type { XY } from './shape'

/** Opens the panel of the area ("" without a shape yet), or gives it one; undefined closes it. */
export function own(session: Session, text: string | undefined, shape?: Polygons): void {
  session.set({ sketch: undefined, shape, shapeFault: undefined })
  session.go({ area: text, zone: undefined }, text === '' ? 'replace' : 'push')
}

/** A corner of the area that is drawn; a double click gives the same one twice. */
export function corner(session: Session, at: XY): void {
  const { sketch } = session.state
  const last = sketch?.at(-1)
  if (sketch && !(last && Math.hypot(last[0] - at[0], last[1] - at[1]) < 1e-7)) session.set({ sketch: [...sketch, at] })
}

export function draw(session: Session, what: 'start' | 'undo' | 'finish' | 'cancel'): void {
  const { sketch = [] } = session.state
  if (what === 'start') session.set({ sketch: [], shape: undefined, shapeFault: undefined })
  else if (what === 'undo') session.set({ sketch: sketch.slice(0, -1) })
  else if (what === 'cancel') session.set({ sketch: undefined })
  else if (sketch.length > 2) void finish(session, sketch)
}

/** Ends the drawing: it becomes the area, or its fault is said. */
async function finish(session: Session, sketch: XY[]): Promise<void> {
  const { toAddress, usable, Unusable } = await import('./read')
  try {
    const shape = usable([[sketch]])
    own(session, toAddress(shape) ?? 'file', shape)
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    session.set({ announcement: error.why[session.state.view.lang], sketch: undefined, shapeFault: error.why })
  }
}
