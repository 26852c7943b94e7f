/** Polygons in the plane: how much of one lies in another. Pure; nothing leaves the browser. */

export type XY = [x: number, y: number]

/** Closed rings without their repeated last point. Those of even depth turn one way, holes the other, so that areas add up with their signs. */
export type Rings = XY[][]

/** Twice the signed area of a ring. */
export const twice = (ring: XY[]): number => ring.reduce((s, [x, y], i) => { const [u, v] = ring[(i + 1) % ring.length]!; return s + x * v - u * y }, 0)

export const areaOf = (rings: Rings): number => Math.abs(rings.reduce((s, r) => s + twice(r) / 2, 0))

/** Rings of polygons as GeoJSON gives them (outer ring first, then holes), with the ways they turn set right. */
export function oriented(polygons: XY[][][]): Rings {
  return polygons.flatMap((rings) => rings.map((ring, k) => {
    const open = ring.length > 1 && ring[0]![0] === ring.at(-1)![0] && ring[0]![1] === ring.at(-1)![1] ? ring.slice(0, -1) : ring
    return (twice(open) > 0) === (k === 0) ? open : [...open].reverse()
  })).filter((ring) => ring.length > 2)
}

interface Edge { x0: number; x1: number; /** y = y0 at x0, slope m. */ y0: number; m: number; sign: number }

/** The edges that are not vertical, from left to right, with the sign of the trapezoid between each and a line below all. */
function edges(rings: Rings, floor: number): Edge[] {
  const out: Edge[] = []
  for (const ring of rings) {
    ring.forEach(([ax, ay], i) => {
      const [bx, by] = ring[(i + 1) % ring.length]!
      if (ax === bx) return
      out.push(ax < bx ? { x0: ax, x1: bx, y0: ay - floor, m: (by - ay) / (bx - ax), sign: -1 } : { x0: bx, x1: ax, y0: by - floor, m: (ay - by) / (ax - bx), sign: 1 })
    })
  }
  return out.sort((a, b) => a.x0 - b.x0)
}

/** Area under the lower of two lines between two abscissas. */
function under(a: Edge, b: Edge, from: number, to: number): number {
  const at = (e: Edge, x: number) => e.y0 + e.m * (x - e.x0)
  const [a0, b0, a1, b1] = [at(a, from), at(b, from), at(a, to), at(b, to)]
  if (a0 <= b0 === a1 <= b1) return ((a0 <= b0 ? a0 + a1 : b0 + b1) / 2) * (to - from)
  const cut = from + ((to - from) * (b0 - a0)) / (b0 - a0 + (a1 - b1))
  const y = at(a, cut)
  return ((Math.min(a0, b0) + y) / 2) * (cut - from) + ((y + Math.min(a1, b1)) / 2) * (to - cut)
}

/**
 * Area that two polygons share. A polygon is the signed sum of the trapezoids between its edges and a line below it; two such
 * trapezoids share the area under the lower of their edges. Whichever way the outer rings of each turn; exact for concave shapes, holes and borders that coincide.
 */
export function shared(a: Rings, b: Rings): number {
  const floor = Math.min(...[...a, ...b].flatMap((r) => r.map((p) => p[1])))
  const [left, right] = [edges(a, floor), edges(b, floor)]
  let sum = 0
  for (const e of left) {
    for (const f of right) {
      if (f.x0 >= e.x1) break
      if (f.x1 <= e.x0) continue
      sum += e.sign * f.sign * under(e, f, Math.max(e.x0, f.x0), Math.min(e.x1, f.x1))
    }
  }
  return Math.abs(sum)
}

/** The ring within a rectangle (Sutherland and Hodgman, 1974); where it falls apart its parts stay joined by edges along the rectangle, which add no area. */
export function clip(ring: XY[], [west, south, east, north]: Box): XY[] {
  const sides: [axis: 0 | 1, at: number, keep: 1 | -1][] = [[0, west, 1], [0, east, -1], [1, south, 1], [1, north, -1]]
  return sides.reduce((list, [axis, at, keep]) => {
    const out: XY[] = []
    list.forEach((p, i) => {
      const q = list[(i + 1) % list.length]!
      const [inP, inQ] = [(p[axis] - at) * keep >= 0, (q[axis] - at) * keep >= 0]
      if (inP) out.push(p)
      if (inP !== inQ) {
        const t = (at - p[axis]) / (q[axis] - p[axis])
        const cut: XY = [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]
        cut[axis] = at
        out.push(cut)
      }
    })
    return out
  }, ring)
}

/** Even-odd rule over all rings, so that holes are outside. */
export function contains(rings: Rings, [x, y]: XY): boolean {
  let inside = false
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [a, b] = [ring[i]!, ring[j]!]
      if (a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside
    }
  }
  return inside
}

export type Box = [west: number, south: number, east: number, north: number]

/** What the points lie in. */
export function boxOf(points: XY[]): Box {
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x, y] of points) {
    box[0] = Math.min(box[0], x)
    box[1] = Math.min(box[1], y)
    box[2] = Math.max(box[2], x)
    box[3] = Math.max(box[3], y)
  }
  return box
}

const turn = (a: XY, b: XY, c: XY) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

/** Whether two edges cross at a point inside both: rings that only touch are none of it. */
export function crossesItself(rings: Rings): boolean {
  const all = rings.flatMap((r) => r.map((p, i) => ({ a: p, b: r[(i + 1) % r.length]!, low: Math.min(p[0], r[(i + 1) % r.length]![0]), high: Math.max(p[0], r[(i + 1) % r.length]![0]) }))).sort((p, q) => p.low - q.low)
  for (let i = 0; i < all.length; i++) {
    const { a, b, high } = all[i]!
    for (let j = i + 1; j < all.length && all[j]!.low <= high; j++) {
      const { a: c, b: d } = all[j]!
      if (turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0) return true
    }
  }
  return false
}
