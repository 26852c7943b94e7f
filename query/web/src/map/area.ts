/** How the visitor's own area is drawn, done or in the making. */
import type { LayerSpecification } from 'maplibre-gl'
import type { Polygons } from '../area/read'
import type { XY } from '../area/shape'

/** corners: those that it has so far; undefined when it is done. */
export interface Area { polygons?: Polygons; corners?: XY[] }

const closed = (ring: XY[]): XY[] => [...ring, ring[0]!]

export function areaData(area: Area | undefined): GeoJSON.FeatureCollection {
  const features: GeoJSON.Feature[] = []
  const add = (geometry: GeoJSON.Geometry) => features.push({ type: 'Feature', properties: {}, geometry })
  const { corners, polygons } = area ?? {}
  if (polygons) add({ type: 'MultiPolygon', coordinates: polygons.map((rings) => rings.map(closed)) })
  if (corners && corners.length > 2) add({ type: 'Polygon', coordinates: [closed(corners)] })
  else if (corners && corners.length > 1) add({ type: 'LineString', coordinates: corners })
  for (const corner of corners ?? []) add({ type: 'Point', coordinates: corner })
  return { type: 'FeatureCollection', features }
}

export function areaLayers(): LayerSpecification[] {
  const base = { source: 'area' }
  return [
    { ...base, id: 'area-fill', type: 'fill', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': '#b3472b', 'fill-opacity': 0.08 } },
    { ...base, id: 'area-halo', type: 'line', filter: ['!=', ['geometry-type'], 'Point'], layout: { 'line-join': 'round' }, paint: { 'line-color': '#ffffff', 'line-width': 5 } },
    { ...base, id: 'area-line', type: 'line', filter: ['!=', ['geometry-type'], 'Point'], layout: { 'line-join': 'round' }, paint: { 'line-color': '#b3472b', 'line-width': 2.5 } },
    { ...base, id: 'area-corners', type: 'circle', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 5, 'circle-color': '#ffffff', 'circle-stroke-color': '#b3472b', 'circle-stroke-width': 2.5 } },
  ]
}
