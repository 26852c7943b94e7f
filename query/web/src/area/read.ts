/** A polygon from a file, an address or four corners: read in the browser, never sent anywhere. */
import { areaOf, crossesItself, oriented, shared, type XY } from './shape'
import type { Text } from '../catalog'

/** Polygons of rings in degrees, as in a GeoJSON MultiPolygon. */
export type Polygons = XY[][][]

/** Why a shape cannot be used, for its visitor. */
export class Unusable extends Error {
  constructor(readonly why: Text) {
    super(why.en)
  }
}

export const MOST_BYTES = 2_000_000
const MOST_POINTS = 20_000
/** A longer shape does not fit an address that people can send. */
const MOST_IN_ADDRESS = 60

const say = (fr: string, en: string) => new Unusable({ fr, en })

type Geometry = { type?: string; coordinates?: unknown; geometries?: Geometry[]; geometry?: Geometry; features?: Geometry[] }

function polygonsIn(g: Geometry | null | undefined): unknown[] {
  switch (g?.type) {
    case 'FeatureCollection': return (g.features ?? []).flatMap(polygonsIn)
    case 'Feature': return polygonsIn(g.geometry)
    case 'GeometryCollection': return (g.geometries ?? []).flatMap(polygonsIn)
    case 'MultiPolygon': return g.coordinates as unknown[]
    case 'Polygon': return [g.coordinates]
    default: return []
  }
}

function fromKML(text: string): Polygons {
  const xml = new DOMParser().parseFromString(text, 'text/xml')
  if (xml.querySelector('parsererror')) throw say('Ce fichier KML est mal formé.', 'This KML file is malformed.')
  const ring = (el: Element): XY[] => (el.getElementsByTagName('coordinates')[0]?.textContent ?? '').trim().split(/\s+/).map((p): XY => { const [x, y] = p.split(',').map(Number); return [x!, y!] })
  return [...xml.getElementsByTagName('Polygon')].map((p) => [...p.getElementsByTagName('outerBoundaryIs'), ...p.getElementsByTagName('innerBoundaryIs')].map(ring))
}

/** The polygons of a small GeoJSON or KML file. */
export function readFile(name: string, text: string): Polygons {
  if (text.length > MOST_BYTES) throw say('Ce fichier est trop grand : 2 Mo au plus.', 'This file is too large: 2 MB at most.')
  if (/\.kml$/i.test(name) || /^\s*<(\?xml|kml)/.test(text)) return usable(fromKML(text))
  let json: Geometry
  try {
    json = JSON.parse(text) as Geometry
  } catch {
    throw say('Ce fichier n’est ni du GeoJSON ni du KML.', 'This file is neither GeoJSON nor KML.')
  }
  return usable(polygonsIn(json) as Polygons)
}

/** The polygons when a figure can be made for them; else says why not. */
export function usable(polygons: Polygons): Polygons {
  if (!Array.isArray(polygons) || polygons.length === 0) throw say('Ce fichier ne contient aucun polygone.', 'This file holds no polygon.')
  if (!polygons.every((p) => Array.isArray(p) && p.every((r) => Array.isArray(r) && r.every(Array.isArray)))) throw say('Un polygone de ce fichier est mal formé.', 'A polygon of this file is malformed.')
  const points = polygons.flat(2)
  if (points.length > MOST_POINTS) throw say('Ce contour a trop de sommets : 20 000 au plus.', 'This outline has too many vertices: 20,000 at most.')
  if (!points.every((p) => Array.isArray(p) && Number.isFinite(p[0]) && Number.isFinite(p[1]))) throw say('Une coordonnée de ce fichier n’est pas un nombre.', 'A coordinate of this file is not a number.')
  if (points.some(([x, y]) => Math.abs(x) > 180 || Math.abs(y) > 85)) throw say('Ces coordonnées ne sont pas en degrés. Enregistrez le fichier en WGS 84 (EPSG:4326).', 'These coordinates are not in degrees. Save the file in WGS 84 (EPSG:4326).')
  const plain = polygons.map((rings) => rings.map((ring) => ring.map((p): XY => [p[0], p[1]])))
  const parts = plain.map((p) => oriented([p]))
  if (parts.some(crossesItself)) throw say('Ce contour se recoupe lui-même : déplacez un de ses points.', 'This outline crosses itself: move one of its points.')
  if (!parts.some((p) => areaOf(p) > 0)) throw say('Ce contour n’a pas de surface.', 'This outline has no area.')
  for (let i = 0; i < parts.length; i++) {
    for (let j = i + 1; j < parts.length && parts.length <= 200; j++) {
      const least = Math.min(areaOf(parts[i]!), areaOf(parts[j]!))
      if (shared(parts[i]!, parts[j]!) > 1e-3 * least) throw say('Des polygones de ce fichier se recouvrent : ils compteraient deux fois. N’en gardez qu’un, ou réunissez-les.', 'Polygons of this file overlap: they would count twice. Keep one, or unite them.')
    }
  }
  return plain
}

/** A box in degrees. */
export const box = (west: number, south: number, east: number, north: number): Polygons => {
  if (![west, south, east, north].every(Number.isFinite)) throw say('Écrivez quatre nombres, en degrés.', 'Write four numbers, in degrees.')
  if (west >= east || south >= north) throw say('L’ouest doit être plus petit que l’est, et le sud plus petit que le nord.', 'West must be less than east, and south less than north.')
  return usable([[[[west, south], [east, south], [east, north], [west, north]]]])
}

/** As written in an address, "1.4,43.4;1.5,43.4;1.5,43.5"; undefined where it is too long or has holes or parts. */
export function toAddress(polygons: Polygons): string | undefined {
  const ring = polygons[0]?.[0]
  if (polygons.length !== 1 || polygons[0]!.length !== 1 || !ring || ring.length > MOST_IN_ADDRESS) return undefined
  return ring.map(([x, y]) => `${Number(x.toFixed(5))},${Number(y.toFixed(5))}`).join(';')
}

export function fromAddress(text: string): Polygons | undefined {
  try {
    return usable([[text.split(';').slice(0, MOST_POINTS).map((p): XY => { const [x, y] = p.split(',').map(Number); return [x!, y!] })]])
  } catch {
    return undefined
  }
}

export const toGeoJSON = (polygons: Polygons): string => JSON.stringify({ type: 'Feature', properties: {}, geometry: { type: 'MultiPolygon', coordinates: polygons.map((rings) => rings.map((r) => (r[0]![0] === r.at(-1)![0] && r[0]![1] === r.at(-1)![1] ? r : [...r, r[0]!]))) } })
