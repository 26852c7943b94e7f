package geom

import (
	"fmt"

	"github.com/paulmach/orb"
)

// Codes of defects, as they stand in the reject table.
const (
	Missing              = "geometry_missing"               // no geometry where one is required
	Empty                = "geometry_empty"                 // a geometry without coordinates
	NotFinite            = "geometry_not_finite"            // NaN or infinite coordinate
	OutOfBounds          = "geometry_out_of_bounds"         // not a longitude and latitude
	WrongType            = "geometry_wrong_type"            // not the declared type
	TooFewPoints         = "geometry_too_few_points"        // a line of one point, a ring of two
	UnclosedRing         = "geometry_unclosed_ring"         // first and last point far apart
	SelfIntersection     = "geometry_self_intersection"     // boundaries cross or overlap
	SelfTouch            = "geometry_self_touch"            // a ring touches itself at a point
	HoleOutside          = "geometry_hole_outside"          // a hole that is not inside its outer ring
	HolesNested          = "geometry_holes_nested"          // a hole inside another hole
	PartsOverlap         = "geometry_parts_overlap"         // a part of a multipolygon inside another
	InteriorDisconnected = "geometry_interior_disconnected" // holes cut the interior in two
	TooComplex           = "geometry_too_complex"           // millions of edges lie across each other's boxes
)

// Defect is why a geometry is refused.
type Defect struct {
	Code   string    // stable: one of the constants above
	Reason string    // for people, with the place
	At     orb.Point // the place, in the units of the geometry; zero when the fault is nowhere in particular
}

func (d *Defect) Error() string { return d.Code + ": " + d.Reason }

func defect(code, reason string) *Defect { return &Defect{Code: code, Reason: reason} }

func defectAt(code string, at orb.Point, what string) *Defect {
	return &Defect{Code: code, At: at, Reason: fmt.Sprintf("%s at %.7g %.7g", what, at[0], at[1])}
}
