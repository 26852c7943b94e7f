/** Pictures for the states that are not numbers, drawn here so that none is fetched; the legend draws the same as SVG. */

export const INK = '#8a8072'
export const VEIL = '#efe9df'
export const DUST = '#dfdbd4'
export const ZERO_COLOUR = '#ffffff'
/** Zones of which nothing is said: the colour of paper. */
export const PLAIN = '#f6f1e6'

export interface Picture { width: number; height: number; data: Uint8ClampedArray }

/** Twice the pixels of the map, for sharp screens. */
export const RATIO = 2

function draw(size: number, paint: (c: CanvasRenderingContext2D) => void): Picture {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size * RATIO
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  context.scale(RATIO, RATIO)
  paint(context)
  const { width, height, data } = context.getImageData(0, 0, size * RATIO, size * RATIO)
  return { width, height, data }
}

function strokes(c: CanvasRenderingContext2D, lines: [number, number, number, number][]): void {
  c.beginPath()
  for (const [x0, y0, x1, y1] of lines) { c.moveTo(x0, y0); c.lineTo(x1, y1) }
  c.stroke()
}

/** Diagonals that join from one tile of the pattern to the next. */
const diagonals = (n: number): [number, number, number, number][] => [[-1, 1, 1, -1], [0, n, n, 0], [n - 1, n + 1, n + 1, n - 1]]

function hatch(c: CanvasRenderingContext2D, n: number): void {
  c.fillStyle = VEIL
  c.fillRect(0, 0, n, n)
  c.strokeStyle = INK
  c.lineWidth = 1.1
  strokes(c, diagonals(n))
}

function dots(c: CanvasRenderingContext2D, n: number): void {
  c.fillStyle = DUST
  c.fillRect(0, 0, n, n)
  c.fillStyle = INK
  for (const [x, y] of [[n / 4, n / 4], [(3 * n) / 4, (3 * n) / 4]] as const) {
    c.beginPath()
    c.arc(x, y, 0.95, 0, 7)
    c.fill()
  }
}

/** Marks laid over a colour, dark with a light edge so that they show on every class. */
function marks(c: CanvasRenderingContext2D, lines: [number, number, number, number][]): void {
  c.lineCap = 'round'
  for (const [style, width] of [['rgba(255,255,255,.85)', 3], ['rgba(40,36,30,.8)', 1.3]] as const) {
    c.strokeStyle = style
    c.lineWidth = width
    strokes(c, lines)
  }
}

/** The same for small zones. */
function fineMarks(c: CanvasRenderingContext2D, lines: [number, number, number, number][]): void {
  for (const [style, width] of [['rgba(255,255,255,.7)', 1.8], ['rgba(40,36,30,.75)', 0.8]] as const) {
    c.strokeStyle = style
    c.lineWidth = width
    strokes(c, lines)
  }
}

const disc = (size: number, fill: (c: CanvasRenderingContext2D, n: number) => void) => draw(size, (c) => {
  const edge = new Path2D()
  edge.arc(size / 2, size / 2, size / 2 - 1.5, 0, 7)
  c.save()
  c.clip(edge)
  for (let x = 0; x < size; x += 6) for (let y = 0; y < size; y += 6) { c.save(); c.translate(x, y); fill(c, 6); c.restore() }
  c.restore()
  c.strokeStyle = '#5f594f'
  c.lineWidth = 1.4
  c.stroke(edge)
})

export const pictures = (): Record<string, Picture> => ({
  'not-published': draw(6, (c) => hatch(c, 6)),
  'no-data': draw(6, (c) => dots(c, 6)),
  estimated: draw(24, (c) => marks(c, [[9, 15, 15, 9]])),
  partial: draw(24, (c) => marks(c, [[7, 12, 10.5, 12], [13.5, 12, 17, 12]])),
  room: draw(22, () => undefined),
  'estimated-dense': draw(7, (c) => fineMarks(c, [[1.5, 5.5, 5.5, 1.5]])),
  'partial-dense': draw(7, (c) => fineMarks(c, [[1, 3.5, 5, 3.5]])),
  'not-published-disc': disc(18, hatch),
  'no-data-disc': disc(18, dots),
  'estimated-disc': draw(12, (c) => marks(c, [[3.5, 8.5, 8.5, 3.5]])),
  'partial-disc': draw(12, (c) => marks(c, [[2, 6, 4.5, 6], [7.5, 6, 10, 6]])),
})
