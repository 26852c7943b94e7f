/** Buildings as tall as they are: drawn when asked for, over the map seen from the side. */
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import type { Catalog, Layer } from '../catalog'

export interface Tall { layer: Layer; property: string; unit: string }

/** The layer of polygons that says how tall each is, in metres; undefined where none does. */
export function tallLayer(catalog: Catalog): Tall | undefined {
  for (const layer of catalog.layers) {
    const p = layer.geometry === 'polygon' && !layer.zones && layer.properties?.find((x) => /^(height|hauteur)$/i.test(x.name) && x.type !== 'text')
    if (p) return { layer, property: p.name, unit: p.unit || 'm' }
  }
  return undefined
}

/** Metres from which the next shade begins: about one, two to three, four to six, and more floors. */
export const HEIGHTS = [4, 9, 18]
export const SHADES = ['#efe5d4', '#d5bfa0', '#ab8a64', '#6f5238']
export const TILT = 50
export const MOST_TILT = 60

/** Features that stand for several have no height, and stay flat. */
export function reliefLayer({ layer, property }: Tall): LayerSpecification {
  const height: ExpressionSpecification = ['to-number', ['get', property], 0]
  return {
    id: 'relief', type: 'fill-extrusion', source: layer.id, 'source-layer': layer.id, minzoom: layer.minzoom, filter: ['>', height, 0],
    paint: { 'fill-extrusion-height': height, 'fill-extrusion-color': ['step', height, SHADES[0]!, ...HEIGHTS.flatMap((h, k) => [h, SHADES[k + 1]!])] as unknown as ExpressionSpecification, 'fill-extrusion-opacity': 0.92 },
  }
}
