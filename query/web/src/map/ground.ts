/** What the map shows of the background, of flows and of names, and from which zoom. */
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import type { Layer } from '../catalog'
import type { Zones } from '../zone'
import type { Scene } from './map'
import { isCell } from './zones'

export const EMPTY: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] }
/** Streets over coloured zones: barely there from afar, where they would look like a hatch; a guide from near. */
const SEEN_FROM = 11
export const OVER_ZONES: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], SEEN_FROM, 0, 13, 0.15, 15, 0.5]

/** Lines of flows are as wide as their figures say from zoom 11 on, and narrower from afar, where they would hide everything. */
export const arcWidth = (more: number): ExpressionSpecification => ['interpolate', ['linear'], ['zoom'], 7, ['+', ['*', 0.3, ['get', 'width']], more * 0.4], 11, ['+', ['get', 'width'], more]]

/** Whether the subject covers the ground with colours. */
export const covers = (layer: Layer | undefined): boolean => !!layer?.zones && layer.geometry === 'polygon'

/** From which zoom a background layer is drawn, and so fetched: from afar, coloured zones hide lines, and whole zones hide all. */
export function seenFrom(layer: LayerSpecification, subject: Layer | undefined): number {
  const hidden = covers(subject) && (layer.type === 'line' || !isCell(subject!))
  return hidden ? Math.max(layer.minzoom ?? 0, SEEN_FROM) : layer.minzoom ?? 0
}

/** What was searched for, as a point with its name. */
export function pinned(pin: Scene['pin']): GeoJSON.FeatureCollection {
  if (!pin) return EMPTY
  return { type: 'FeatureCollection', features: [{ type: 'Feature', properties: { name: pin.name }, geometry: { type: 'Point', coordinates: [pin.lon, pin.lat] } }] }
}

/** Names of the places as points; larger places win where names would overlap. */
export function names(places: Zones | undefined): GeoJSON.FeatureCollection {
  if (!places) return EMPTY
  const { names: name, lon, lat, area_m2 } = places.raw
  return {
    type: 'FeatureCollection',
    features: name.map((n, i) => ({ type: 'Feature', properties: { name: n, order: -(area_m2[i] ?? 0) }, geometry: { type: 'Point', coordinates: [lon[i]!, lat[i]!] } })),
  }
}
