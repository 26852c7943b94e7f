package zone_test

import (
	"fmt"

	"github.com/paulmach/orb"

	"jumeau/model/zone"
)

func Example() {
	communes, err := zone.FromFeatures(zone.Spec{ID: "commune"}, []zone.Feature{
		{ID: "2", Name: "East", Geometry: orb.Polygon{{{1.5, 43.5}, {1.6, 43.5}, {1.6, 43.6}, {1.5, 43.6}, {1.5, 43.5}}}},
		{ID: "1", Name: "West", Geometry: orb.Polygon{{{1.4, 43.5}, {1.5, 43.5}, {1.5, 43.6}, {1.4, 43.6}, {1.4, 43.5}}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	points := []orb.Point{{1.55, 43.55}, {1.45, 43.55}, {1.5, 43.55}, {2, 44}}
	out := make([]int32, len(points))
	zone.NewLocator(communes).Locate(points, out)
	fmt.Println(communes.Zones[0].Name, communes.Zones[1].Name, out)

	cell, _ := zone.CellAt(orb.Point{1.45, 43.55}, 200)
	fmt.Println(cell, cell.Parent(1000))
	// Output:
	// West East [1 0 0 -1]
	// CRS3035RES200mN2310600E3630000 CRS3035RES1000mN2310000E3630000
}
