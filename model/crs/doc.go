// Package crs knows the coordinate reference systems that a French authority meets, and turns their coordinates into
// longitude and latitude (degrees, OGC:CRS84) and back.
//
// In: a code, an address, a WKT or PROJJSON text, as found in a file or a declaration. Out: a CRS, and coordinates within
// 1 mm or 1e-8 degree of PROJ's over the whole area of use of the system.
//
//	lambert93, err := crs.Parse("EPSG:2154")
//	lon, lat := lambert93.ToLonLat(574_000, 6_279_000)
//
// Two conventions, both those of the file formats we read:
//
//   - x is always easting or longitude and y northing or latitude, whatever axis order the EPSG register gives
//     (EPSG:4326, 3035);
//   - RGF93, its sisters overseas, ETRS89 and WGS 84 are one datum. They differ by less than the metre to which WGS 84 itself is defined, and
//     PROJ's default transformation between them is the identity too.
//
// NTF, the datum before 1993, is moved to WGS 84 by its published parameters, to a few metres (CRS.Accuracy).
//
// The formulas are those of IOGP Publication 373-7-2 (EPSG Guidance Note 7-2), section 3; each stands beside its source.
package crs
