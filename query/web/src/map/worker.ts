/** MapLibre's worker, which also tells what its tiles cost. Its address ends with "#page=" and the page's time of origin. */
import 'maplibre-gl/dist/maplibre-gl-worker.mjs'
import { tellBytes } from '../bytes'

tellBytes(Number(new URLSearchParams(location.hash.slice(1)).get('page')))
