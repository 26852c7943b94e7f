/** Colours of classes: ramps whose lightness falls steadily, so that they read without colour vision and in print. */

const SEQUENTIAL = ['#f3e9b6', '#c4dca0', '#83c4a0', '#45a3a0', '#2b7c96', '#28557f', '#2a2f5f']
const DIVERGING = ['#8a4a12', '#c98a45', '#ecd3a8', '#f4f1ea', '#b9ded8', '#4f9f98', '#125e5c']

type Triple = [number, number, number]

const channel = (hex: string, at: number) => {
  const c = parseInt(hex.slice(at, at + 2), 16) / 255
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
}

/** sRGB to OKLab (Björn Ottosson, 2020). */
export function oklab(hex: string): Triple {
  const [r, g, b] = [channel(hex, 1), channel(hex, 3), channel(hex, 5)]
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

function hex([L, a, b]: Triple): string {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3
  const rgb = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
  return `#${rgb.map((c) => {
    const v = c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055
    return Math.round(Math.min(1, Math.max(0, v)) * 255).toString(16).padStart(2, '0')
  }).join('')}`
}

/** One colour per class: sequential from light to dark in equal steps of lightness, diverging from end to end. */
export function ramp(kind: 'sequential' | 'diverging', classes: number): string[] {
  const stops = (kind === 'diverging' ? DIVERGING : SEQUENTIAL).map(oklab)
  return Array.from({ length: classes }, (_, i) => {
    const part = classes === 1 ? 0.5 : i / (classes - 1)
    const at = kind === 'diverging' ? part * (stops.length - 1) : whereLightness(stops, part)
    const k = Math.min(stops.length - 2, Math.floor(at))
    const [a, b] = [stops[k]!, stops[k + 1]!]
    return hex(a.map((v, n) => v + (b[n]! - v) * (at - k)) as Triple)
  })
}

/** Position among the stops, whose lightness falls, at a part of the way from the lightest to the darkest. */
function whereLightness(stops: Triple[], part: number): number {
  const wanted = stops[0]![0] + part * (stops.at(-1)![0] - stops[0]![0])
  let k = 0
  while (k < stops.length - 2 && stops[k + 1]![0] > wanted) k++
  const [from, to] = [stops[k]![0], stops[k + 1]![0]]
  return k + (from - wanted) / (from - to)
}
