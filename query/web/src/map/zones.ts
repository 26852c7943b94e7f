/** How zones are drawn: a colour per class and a picture per state, all by feature-state, so that tiles never reload. */
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import type { Layer } from '../catalog'
import { NO_DATA, NOTHING, NOT_PUBLISHED, ZERO, type Look, type Scale } from '../legend'
import { ESTIMATED, PARTIAL } from '../flag'
import { isLine, lineColour, lineMarks, lineWidth } from './lines'
import { PLAIN, ZERO_COLOUR } from './pattern'

/** Before anything is known of a zone. */
const UNKNOWN = -9

/** State of a feature: k its look, m its flag, on when selected, over when under the pointer. */
const K: ExpressionSpecification = ['coalesce', ['feature-state', 'k'], UNKNOWN]
const M: ExpressionSpecification = ['coalesce', ['feature-state', 'm'], 0]
const flagOn = (name: string, yes: number, no: number): ExpressionSpecification => ['case', ['boolean', ['feature-state', name], false], yes, no]
const only = (expression: ExpressionSpecification, value: number): ExpressionSpecification => ['case', ['==', expression, value], 1, 0]

/** Layers of pictures, by what they show: they are hidden while no zone needs them. */
const PICTURES: { name: string; when: ExpressionSpecification; needs: (look: Look, flag: number) => boolean; /** For small zones. */ dense?: string }[] = [
  { name: 'not-published', when: only(K, NOT_PUBLISHED), needs: (l) => l === NOT_PUBLISHED },
  { name: 'no-data', when: only(K, NO_DATA), needs: (l) => l === NO_DATA },
  { name: 'estimated', when: only(M, ESTIMATED), needs: (_, f) => f === ESTIMATED, dense: 'estimated-dense' },
  { name: 'partial', when: only(M, PARTIAL), needs: (_, f) => f === PARTIAL, dense: 'partial-dense' },
]

export const pictureLayers = (layer: Layer, looks: Look[], flags: number[]): { id: string; shown: boolean }[] =>
  PICTURES.map((p) => ({ id: `${layer.id}-${p.name}`, shown: looks.some((l, i) => p.needs(l, flags[i] ?? 0)) }))

export function colours(scale: Scale | undefined): ExpressionSpecification {
  const steps = (scale?.colours ?? []).flatMap((c, k) => [k + 1, c])
  return ['step', K, 'rgba(0,0,0,0)', NOTHING, PLAIN, ZERO, ZERO_COLOUR, ...steps] as unknown as ExpressionSpecification
}

/** Radius of a point zone: larger in higher classes, so that colour is not alone. */
function radius(classes: number, more = 0): ExpressionSpecification {
  const steps = Array.from({ length: classes }, (_, k) => [k + 1, more + 5.5 + ((k + 1) / classes) * 7]).flat()
  const at = ['step', K, more ? more + 9 : 0, ZERO, more + 5, ...steps] as unknown as ExpressionSpecification
  return ['interpolate', ['linear'], ['zoom'], 8, ['*', 0.6, at], 11, at, 15, ['*', 1.5, at]]
}

export const isCell = (layer: Layer): boolean => !!layer.zones?.startsWith('cell')

export const isPoint = (layer: Layer): boolean => layer.geometry === 'point'

/** What is painted differently when the classes change. */
export function classPaint(layer: Layer, scale: Scale | undefined): [id: string, property: string, value: ExpressionSpecification][] {
  if (isLine(layer)) return [[layer.id, 'line-color', lineColour(K, scale)], [layer.id, 'line-width', lineWidth(K, scale)], [`${layer.id}-casing`, 'line-width', lineWidth(K, scale, 1.5)]]
  if (!isPoint(layer)) return [[layer.id, 'fill-color', colours(scale)]]
  const classes = scale?.colours.length ?? 1
  return [[layer.id, 'circle-color', colours(scale)], [layer.id, 'circle-radius', radius(classes)], [`${layer.id}-on`, 'circle-radius', radius(classes, 2)]]
}

export function zoneFills(layer: Layer, scale: Scale | undefined): LayerSpecification[] {
  const base = { source: layer.id, 'source-layer': layer.id }
  if (isPoint(layer) || isLine(layer)) return []
  return [
    { ...base, id: layer.id, type: 'fill', paint: { 'fill-color': colours(scale), 'fill-antialias': !isCell(layer) } },
    ...PICTURES.map((p): LayerSpecification => ({
      ...base, id: `${layer.id}-${p.name}`, type: 'fill', layout: { visibility: 'none' },
      paint: { 'fill-pattern': p.dense && isCell(layer) ? ['step', ['zoom'], p.dense, 13.5, p.name] : p.name, 'fill-opacity': p.when },
    })),
  ]
}

/** Borders, selection and, for point zones, everything: drawn above the roads. */
export function zoneMarks(layer: Layer, scale: Scale | undefined): LayerSpecification[] {
  const base = { source: layer.id, 'source-layer': layer.id }
  if (isPoint(layer)) return pointMarks(layer, scale)
  if (isLine(layer)) return lineMarks(layer, scale, K, flagOn)
  const cell = isCell(layer)
  return [
    { ...base, id: `${layer.id}-border`, type: 'line', minzoom: cell ? 12.5 : 0, paint: { 'line-color': '#ffffff', 'line-opacity': cell ? 0.55 : 0.9, 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 0.5, 14, 1.4] } },
    { ...base, id: `${layer.id}-over`, type: 'line', paint: { 'line-color': '#26241f', 'line-width': 1.5, 'line-opacity': flagOn('over', 0.7, 0) } },
    { ...base, id: `${layer.id}-halo`, type: 'line', layout: { 'line-join': 'round' }, paint: { 'line-color': '#ffffff', 'line-width': 6, 'line-opacity': flagOn('on', 1, 0) } },
    { ...base, id: `${layer.id}-on`, type: 'line', layout: { 'line-join': 'round' }, paint: { 'line-color': '#b3472b', 'line-width': 3, 'line-opacity': flagOn('on', 1, 0) } },
  ]
}

function pointMarks(layer: Layer, scale: Scale | undefined): LayerSpecification[] {
  const base = { source: layer.id, 'source-layer': layer.id }
  const stroke: ExpressionSpecification = ['case', ['boolean', ['feature-state', 'over'], false], '#26241f', ['==', K, ZERO], '#5f594f', '#ffffff']
  return [
    { ...base, id: layer.id, type: 'circle', paint: {
      'circle-color': colours(scale), 'circle-radius': radius(scale?.colours.length ?? 1), 'circle-stroke-color': stroke,
      'circle-stroke-width': ['case', ['<', K, 0], 0, 1.5],
    } },
    // Nothing is seen of these, but names give way to them.
    { ...base, id: `${layer.id}-room`, type: 'symbol', layout: { 'icon-image': 'room', 'icon-allow-overlap': true } },
    ...PICTURES.map((p): LayerSpecification => ({
      ...base, id: `${layer.id}-${p.name}`, type: 'symbol',
      layout: { visibility: 'none', 'icon-image': `${p.name}-disc`, 'icon-allow-overlap': true, 'icon-ignore-placement': true },
      paint: { 'icon-opacity': p.when },
    })),
    { ...base, id: `${layer.id}-on`, type: 'circle', paint: { 'circle-color': 'rgba(0,0,0,0)', 'circle-radius': radius(scale?.colours.length ?? 1, 2), 'circle-stroke-color': '#b3472b', 'circle-stroke-width': flagOn('on', 3, 0) } },
  ]
}
