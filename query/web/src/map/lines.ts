/** How zones that are lines (street segments) are drawn: colour and width by class, a thin line where nothing is published. */
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import type { Layer } from '../catalog'
import { NO_DATA, NOT_PUBLISHED, NOTHING, ZERO, type Scale } from '../legend'

/** Colours of a line without a figure: it must be seen that the street is there, not what is on it. */
export const QUIET = '#b9ad9b'
export const SILENT = '#dbd4c8'

export const isLine = (layer: Layer): boolean => layer.geometry === 'line'

const stepped = (k: ExpressionSpecification, silent: unknown, quiet: unknown, nothing: unknown, zero: unknown, classes: unknown[]): ExpressionSpecification =>
  ['step', k, nothing, NO_DATA, silent, NOT_PUBLISHED, quiet, NOTHING, nothing, ZERO, zero, ...classes.flatMap((v, i) => [i + 1, v])] as unknown as ExpressionSpecification

/** Width in pixels at zoom 14: wider in higher classes, so that colour is not alone. */
export function lineWidth(k: ExpressionSpecification, scale: Scale | undefined, more = 0): ExpressionSpecification {
  const n = scale?.colours.length ?? 1
  const at = (zoomed: number) => stepped(k, zoomed * 0.7 + more, zoomed * 1 + more, 0, zoomed * 1.6 + more, Array.from({ length: n }, (_, i) => zoomed * (3 + (6 * (i + 1)) / n) + more))
  return ['interpolate', ['exponential', 1.4], ['zoom'], 9, at(0.4), 12, at(0.75), 14, at(1), 18, at(3)] as unknown as ExpressionSpecification
}

export function lineColour(k: ExpressionSpecification, scale: Scale | undefined): ExpressionSpecification {
  return stepped(k, SILENT, QUIET, 'rgba(0,0,0,0)', QUIET, scale?.colours ?? [])
}

export function lineMarks(layer: Layer, scale: Scale | undefined, k: ExpressionSpecification, flagOn: (name: string, yes: number, no: number) => ExpressionSpecification): LayerSpecification[] {
  const base = { source: layer.id, 'source-layer': layer.id, layout: { 'line-join': 'round' as const, 'line-cap': 'round' as const } }
  return [
    { ...base, id: `${layer.id}-casing`, type: 'line', paint: { 'line-color': '#ffffff', 'line-width': lineWidth(k, scale, 1.5), 'line-opacity': ['case', ['>', k, ZERO], 0.9, 0] } },
    { ...base, id: layer.id, type: 'line', paint: { 'line-color': lineColour(k, scale), 'line-width': lineWidth(k, scale) } },
    { ...base, id: `${layer.id}-over`, type: 'line', paint: { 'line-color': '#26241f', 'line-width': 2, 'line-opacity': flagOn('over', 0.8, 0) } },
    { ...base, id: `${layer.id}-on`, type: 'line', paint: { 'line-color': '#b3472b', 'line-width': 5, 'line-opacity': flagOn('on', 1, 0) } },
  ]
}
