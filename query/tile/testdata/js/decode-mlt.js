// Like decode.js, for tiles in the encoding MLT, by its reference decoder.
import {readFileSync} from 'node:fs';
import {register} from 'node:module';

register('./resolve.js', import.meta.url);
const {decodeTile, GEOMETRY_TYPE} = await import('@maplibre/mlt');

const kinds = {POINT: 1, MULTIPOINT: 1, LINESTRING: 2, MULTILINESTRING: 2, POLYGON: 3, MULTIPOLYGON: 3};

function feature(f) {
  const type = kinds[GEOMETRY_TYPE[f.geometry.type]];
  const parts = f.geometry.coordinates.map(part => part.map(p => [p.x, p.y]));
  for (const [name, value] of Object.entries(f.properties)) {
    if (typeof value === 'bigint') f.properties[name] = String(value);
  }
  return {id: f.id === undefined ? '' : String(f.id), type, properties: f.properties, parts};
}

const tiles = process.argv.slice(2).map(path =>
  decodeTile(new Uint8Array(readFileSync(path))).map(table => ({
    name: table.name,
    extent: table.extent,
    features: table.getFeatures().map(feature),
  })));
process.stdout.write(JSON.stringify(tiles));
