package pmtiles

import (
	"math/bits"

	"github.com/paulmach/orb/maptile"
)

// MaxZoom is the highest zoom whose ids are positive as 64-bit integers with a sign, as JavaScript and SQL have them.
const MaxZoom = 26

// base is the id of the first tile of a zoom: the number of tiles of all zooms below, (4^z − 1) / 3.
func base(z int) uint64 { return (1<<(2*z) - 1) / 3 }

// ID is the number of a tile: zoom after zoom, within a zoom along the Hilbert curve that starts at the north-west corner.
func ID(t maptile.Tile) uint64 {
	x, y, d := t.X, t.Y, uint64(0)
	for s := int(t.Z) - 1; s >= 0; s-- {
		rx, ry := x>>s&1, y>>s&1
		d = d<<2 | uint64(3*rx^ry)
		x, y = turn(x, y, rx, ry)
	}
	return base(int(t.Z)) + d
}

// Tile is the tile with that id; false when its zoom is beyond MaxZoom.
func Tile(id uint64) (maptile.Tile, bool) {
	z := (bits.Len64(3*id+1) - 1) / 2 // base(z) ≤ id, as 4^z ≤ 3·id + 1
	if id >= base(MaxZoom+1) {
		return maptile.Tile{}, false
	}
	d := id - base(z)
	var x, y uint32
	for s := range z {
		q := uint32(d>>(2*s)) & 3
		rx := q >> 1
		ry := (q ^ rx) & 1
		low := uint32(1)<<s - 1
		x, y = turn(x, y, rx, ry)
		x, y = x&low|rx<<s, y&low|ry<<s
	}
	return maptile.New(x, y, maptile.Zoom(z)), true
}

// Children are the ids of the four tiles of the next zoom within a tile: one run of the curve.
func Children(id uint64) [4]uint64 {
	z := (bits.Len64(3*id+1) - 1) / 2
	first := base(z+1) + 4*(id-base(z))
	return [4]uint64{first, first + 1, first + 2, first + 3}
}

// turn turns and mirrors a position so that the curve within its quadrant looks like the whole. Bits above the quadrant's
// are not cleared.
func turn(x, y, rx, ry uint32) (uint32, uint32) {
	if ry == 0 {
		if rx == 1 {
			x, y = ^x, ^y
		}
		x, y = y, x
	}
	return x, y
}
