/** The background map and feature layers: from the styles that the territory declares to MapLibre layers. */
import type { ExpressionSpecification, FilterSpecification, LayerSpecification, VectorSourceSpecification } from 'maplibre-gl'
import type { Api } from '../api'
import type { Layer } from '../catalog'

/** Fonts of the visitor's own machine: MapLibre draws the letters itself, so that none is fetched. */
export const FONT = ['system-ui', 'Segoe UI', 'Roboto', 'DejaVu Sans', 'sans-serif']
export const FONT_BOLD = ['jumeau Bold', ...FONT]

export const PAPER = '#eae4d8'
const DEFAULT_COLOUR = { point: '#0f5f66', line: '#8f8371', polygon: '#d9cfbf' }

export function vectorSource(api: Api, layer: Layer): VectorSourceSpecification {
  return {
    type: 'vector', tiles: [api.files ? `folder://${layer.tiles}` : api.absolute(layer.tiles)], minzoom: layer.minzoom, maxzoom: layer.maxzoom,
    ...(layer.bbox && layer.bbox[0] < layer.bbox[2] && layer.bbox[1] < layer.bbox[3] && { bounds: layer.bbox }),
  }
}

/** The declared colour, chosen by a property when the style says so. */
export function colourOf(layer: Layer): string | ExpressionSpecification {
  const style = layer.style ?? {}
  const fixed = style.colour || DEFAULT_COLOUR[layer.geometry]
  const pairs = Object.entries(style.colours ?? {})
  if (!style.by || pairs.length === 0) return fixed
  return ['match', ['to-string', ['get', style.by]], ...pairs.flat(), fixed] as unknown as ExpressionSpecification
}

/** A size given in pixels at zoom 14, growing with the zoom. */
function sized(at14: number, smallest = 0.3): ExpressionSpecification {
  return ['interpolate', ['exponential', 1.5], ['zoom'], 8, Math.max(smallest, at14 * 0.2), 11, Math.max(smallest, at14 * 0.45), 14, at14, 18, at14 * 4]
}

/** The layers that draw one declared layer; ids begin with the layer's id. */
export function drawn(layer: Layer): LayerSpecification[] {
  const style = layer.style ?? {}
  const colour = colourOf(layer)
  const base = { source: layer.id, 'source-layer': layer.id, minzoom: layer.minzoom }
  const opacity = style.opacity || 1
  const as = style.as ?? (layer.geometry === 'point' ? 'circle' : layer.geometry === 'line' ? 'line' : 'fill')
  switch (as) {
    case 'line':
      return [{
        ...base, id: layer.id, type: 'line', layout: { 'line-cap': style.dashed ? 'butt' : 'round', 'line-join': 'round' },
        paint: { 'line-color': colour, 'line-width': sized(style.width || 1.5), 'line-opacity': opacity, ...(style.dashed && { 'line-dasharray': [3, 2] }) },
      }]
    case 'circle':
      return [{
        ...base, id: layer.id, type: 'circle',
        paint: { 'circle-color': colour, 'circle-radius': sized(style.width || 5, 2), 'circle-opacity': opacity, 'circle-stroke-color': style.outline || '#ffffff', 'circle-stroke-width': ['interpolate', ['linear'], ['zoom'], 9, 0.4, 13, 1.2] },
      }]
    case 'extrusion':
      return [{
        ...base, id: layer.id, type: 'fill-extrusion',
        paint: { 'fill-extrusion-color': style.colour || DEFAULT_COLOUR.polygon, 'fill-extrusion-height': ['to-number', ['get', style.by ?? ''], 3], 'fill-extrusion-opacity': opacity },
      }]
    case 'fill': {
      const fill: LayerSpecification = { ...base, id: layer.id, type: 'fill', paint: { 'fill-color': colour, 'fill-opacity': opacity } }
      if (!style.outline) return [fill]
      return [fill, { ...base, id: `${layer.id}-outline`, type: 'line', paint: { 'line-color': style.outline, 'line-width': ['interpolate', ['linear'], ['zoom'], 8, 0.5, 14, 1.5] } }]
    }
  }
}

/** Passes the one feature with that id, or none. */
export const oneOf = (id: string | undefined): FilterSpecification => ['==', ['to-string', ['get', 'id']], id ?? '\u0000']

/** Marks the selected feature of a layer without zones. */
export function chosen(layer: Layer): LayerSpecification {
  const base = { id: `${layer.id}-on`, source: layer.id, 'source-layer': layer.id, filter: oneOf(undefined) }
  if (layer.geometry === 'point') return { ...base, type: 'circle', paint: { 'circle-radius': 11, 'circle-color': 'rgba(0,0,0,0)', 'circle-stroke-color': '#b3472b', 'circle-stroke-width': 3 } }
  return { ...base, type: 'line', layout: { 'line-join': 'round' }, paint: { 'line-color': '#b3472b', 'line-width': 3 } }
}

/** Names written beside the features of a layer that declares a label. */
export function labels(layer: Layer): LayerSpecification[] {
  const label = layer.style?.label
  if (!label) return []
  return [{
    id: `${layer.id}-names`, type: 'symbol', source: layer.id, 'source-layer': layer.id, minzoom: Math.max(layer.minzoom, 13.5),
    layout: {
      'text-field': ['to-string', ['get', label]], 'text-font': FONT, 'text-size': 11, 'text-padding': 8,
      ...(layer.geometry === 'line' ? { 'symbol-placement': 'line', 'symbol-spacing': 320 } : { 'text-offset': [0, 0.9], 'text-anchor': 'top' }),
    },
    paint: { 'text-color': '#6a6255', 'text-halo-color': 'rgba(255,253,249,.9)', 'text-halo-width': 1.3 },
  }]
}
