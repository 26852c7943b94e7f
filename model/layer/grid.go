package layer

import "math"

// The grid is Web Mercator (EPSG:3857) with the world's side divided into 2³²: one unit is 40075016.69 m / 2³² = 9.3 mm at
// the equator, 6.8 mm on the ground at 43° north. x grows to the east from −2³¹ at 180° west, y to the south from −2³¹ at
// 85.0511° north; (0, 0) is the crossing of the equator and the Greenwich meridian. A tile of zoom z is a square of side
// 2^(32−z), and one of its 4096 units is 2^(20−z) of the grid.
const (
	gridBits  = 32
	gridHalf  = int64(1) << (gridBits - 1)
	gridWorld = int64(1) << gridBits
	// MaxLatitude is where Web Mercator ends; what lies beyond is moved there.
	MaxLatitude = 85.05112877980659
)

// project is the position of a longitude and latitude on the grid. x may lie outside int32 for longitudes beyond ±180°.
func project(lon, lat float64) (x, y int64) {
	lat = max(-MaxLatitude, min(MaxLatitude, lat))
	x = int64(math.Floor(lon/360*float64(gridWorld) + 0.5))
	s := math.Sin(lat * math.Pi / 180)
	y = int64(math.Floor(-math.Log((1+s)/(1-s))/(4*math.Pi)*float64(gridWorld) + 0.5))
	return x, max(-gridHalf, min(gridHalf-1, y))
}

// Position is project for other packages: of a longitude and latitude in degrees (OGC:CRS84) on the grid.
func Position(lon, lat float64) (x, y int64) { return project(lon, lat) }

// LonLat is the longitude and latitude in degrees (OGC:CRS84) of a position on the grid.
func LonLat(x, y int32) (lon, lat float64) {
	lon = float64(x) / float64(gridWorld) * 360
	lat = math.Atan(math.Sinh(-float64(y)/float64(gridWorld)*2*math.Pi)) * 180 / math.Pi
	return lon, lat
}

// Box is a closed rectangle on the grid; its sides may lie outside int32.
type Box struct{ MinX, MinY, MaxX, MaxY int64 }

// TileBox is the square of a tile, its right and lower sides included, widened by buffer tile units (of 4096).
func TileBox(z, x, y uint32, buffer int) Box {
	side := gridWorld >> z
	b := Box{MinX: int64(x)*side - gridHalf, MinY: int64(y)*side - gridHalf}
	b.MaxX, b.MaxY = b.MinX+side, b.MinY+side
	wide := (int64(buffer)*side + 4095) / 4096
	return Box{b.MinX - wide, b.MinY - wide, b.MaxX + wide, b.MaxY + wide}
}

// hilbert is the place of a position along the Hilbert curve of order 32: the more leading bits two places share, the
// smaller the square of the quadtree that holds both, so the features of any tile or cell are one run.
func hilbert(x, y int64) uint64 {
	ux, uy := uint32(x+gridHalf), uint32(y+gridHalf)
	var d uint64
	for s := gridBits - 1; s >= 0; s-- {
		rx, ry := ux>>s&1, uy>>s&1
		d = d<<2 | uint64(3*rx^ry)
		if ry == 0 {
			if rx == 1 {
				ux, uy = ^ux, ^uy
			}
			ux, uy = uy, ux
		}
	}
	return d
}

// middle is the centre of a span, as the order of the features and their cells use it.
func middle(a, b int32) int64 { return (int64(a) + int64(b)) >> 1 }
