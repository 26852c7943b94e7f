// Package tile encodes Mapbox Vector Tiles 2.1 straight from the arrays of layer files.
//
// In: open layer files and the address of a tile. Out: the bytes of the tile, and what had to be generalised. A layer
// without features in the tile is absent; a tile without layers is empty.
//
//	body, stats, err := tile.Encode(nil, []*layer.File{communes, buildings}, maptile.New(516, 373, 10), tile.Options{})
//
// Features outside the tile and its buffer are clipped away. Polygons are written as the specification wants them: rings
// that are simple, exteriors clockwise and each followed by its holes, no ring without area, no segment without length;
// where snapping to the tile's grid or clipping made a polygon touch itself, it is cut apart on the grid.
//
// Below a layer's highest zoom, points that fall into one cell of a few tile units become one point, and polygons smaller
// than a cell become one rectangle with the sum of their areas. Such a feature has no id, carries the number of features it
// stands for as property "count", the sums of the properties that have one, and of the others those on which all of them agree.
// Cells lie in the same place for all tiles of a zoom, so there are no seams, and counts and sums add up over them. Lines with
// equal properties that continue one another become one line. Zone systems are never aggregated.
//
// A tile that would weigh more than its budget is drawn more coarsely, which Stats says. MLT turns a tile into MapLibre's
// newer encoding.
package tile
