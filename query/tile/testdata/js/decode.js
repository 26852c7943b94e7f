// Reads tiles named on the command line and prints what the reference decoder sees, one JSON document for all:
// per tile, per layer in order, per feature: id, type, properties, rings or lines or points (closing vertex included),
// and for polygons the number of exteriors that the decoder finds.
import {readFileSync} from 'node:fs';
import {VectorTile, classifyRings} from '@mapbox/vector-tile';
import Pbf from 'pbf';

function feature(f) {
  const parts = f.loadGeometry();
  return {
    id: f.id === undefined ? '' : String(f.id),
    type: f.type,
    properties: f.properties,
    parts: parts.map(part => part.map(p => [p.x, p.y])),
    exteriors: f.type === 3 ? classifyRings(parts).length : 0,
  };
}

const tiles = process.argv.slice(2).map(path => {
  // a copy: Pbf reads doubles from the start of the underlying buffer, which a small file shares with others
  const tile = new VectorTile(new Pbf(new Uint8Array(readFileSync(path))));
  return Object.values(tile.layers).map(layer => ({
    name: layer.name,
    extent: layer.extent,
    version: layer.version,
    features: Array.from({length: layer.length}, (_, i) => feature(layer.feature(i))),
  }));
});
process.stdout.write(JSON.stringify(tiles));
