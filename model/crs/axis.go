package crs

import "strings"

// NorthingFirst says whether coordinates of a system written this way come as latitude, longitude or as northing, easting.
//
// A URN and the address of the OGC's register mean the register's own axis order (OGC 09-048r5, 8; GML 3.2). A bare code,
// and the address of GML 2, mean easting or longitude first by long use.
func NorthingFirst(text string) bool {
	text = strings.TrimSpace(text)
	lower := strings.ToLower(text)
	if !strings.HasPrefix(lower, "urn:") && !strings.Contains(lower, "/def/crs/") {
		return false
	}
	authority, code, ok := splitCode(text)
	if !ok || authority != "EPSG" {
		return false
	}
	if northingFirst[code] {
		return true
	}
	c, known := lookup(authority, code)
	return known && c.Geographic()
}

// northingFirst are projected systems, and geographic ones beyond the registry, whose first axis points north.
var northingFirst = map[string]bool{
	"3034": true, "3035": true, "3042": true, "3043": true, "3044": true, "3045": true, "3046": true, "3047": true, // ETRS89, N-E variants
	"4979": true, "4937": true, "4269": true, "4267": true, "4277": true, "4289": true, "4230": true, "4314": true,
	"2326": true, "31466": true, "31467": true, "31468": true, "31469": true,
}
