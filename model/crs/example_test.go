package crs_test

import (
	"fmt"

	"jumeau/model/crs"
)

func Example() {
	lambert93, err := crs.Parse("urn:ogc:def:crs:EPSG::2154")
	if err != nil {
		fmt.Println(err)
		return
	}
	lon, lat := lambert93.ToLonLat(700_000, 6_600_000)
	fmt.Printf("%s: %.6f %.6f\n", lambert93, lon, lat)
	// Output: EPSG:2154: 3.000000 46.500000
}
