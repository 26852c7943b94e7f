package tile

import (
	"jumeau/model/layer/planar"
)

// Geometry types and commands of the vector tile specification 2.1, section 4.3.
const (
	kindPoint   = 1
	kindLine    = 2
	kindPolygon = 3

	moveTo    = 1
	lineTo    = 2
	closePath = 7
)

// geometry is the packed command stream of one feature.
type geometry struct {
	bytes []byte
	at    planar.Point // cursor
	scale uint         // tile units in a unit of the points given, as a power of two
}

func (g *geometry) begin(scale uint) { g.bytes, g.at, g.scale = g.bytes[:0], planar.Point{}, scale }

func (g *geometry) command(id, count int) {
	g.bytes = appendVarint(g.bytes, uint64(count<<3|id))
}

func (g *geometry) to(p planar.Point) {
	dx, dy := int32(p.X-g.at.X)<<g.scale, int32(p.Y-g.at.Y)<<g.scale
	g.at = p
	ux, uy := uint32(dx<<1)^uint32(dx>>31), uint32(dy<<1)^uint32(dy>>31)
	if ux|uy < 0x80 {
		g.bytes = append(g.bytes, byte(ux), byte(uy))
		return
	}
	g.bytes = appendVarint(appendVarint(g.bytes, uint64(ux)), uint64(uy))
}

func (g *geometry) points(pts []planar.Point) {
	g.command(moveTo, len(pts))
	for _, p := range pts {
		g.to(p)
	}
}

func (g *geometry) point(p planar.Point) {
	g.command(moveTo, 1)
	g.to(p)
}

func (g *geometry) line(pts []planar.Point) {
	g.command(moveTo, 1)
	g.to(pts[0])
	g.command(lineTo, len(pts)-1)
	for _, p := range pts[1:] {
		g.to(p)
	}
}

func (g *geometry) ring(pts []planar.Point) {
	g.line(pts)
	g.bytes = append(g.bytes, 1<<3|closePath)
}

// rectangle draws an exterior with p as its north-west corner.
func (g *geometry) rectangle(p planar.Point, w, h int64) {
	g.ring([]planar.Point{p, {X: p.X + w, Y: p.Y}, {X: p.X + w, Y: p.Y + h}, {X: p.X, Y: p.Y + h}})
}

func appendVarint(b []byte, v uint64) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

func varintSize(v uint64) int {
	n := 1
	for v >= 0x80 {
		v >>= 7
		n++
	}
	return n
}
