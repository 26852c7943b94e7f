package crs

import (
	"fmt"

	"github.com/paulmach/orb"
)

// definition is one entry of the registry. proj is nil for degrees of WGS 84 and of the datums that are taken for it.
type definition struct {
	code, name string
	datum      datum
	proj       projection
	geographic bool
	area       orb.Bound // degrees
}

type datum uint8

const (
	datumUnknown datum = iota
	datumWGS84
	datumRGF93
	datumETRS89
	datumNTF
	datumRGFG95
	datumRGR92
	datumRGM04
	datumRGAF09
	datumRGSPM06
)

// supportedText is what a hint lists.
const supportedText = "OGC:CRS84, EPSG:4326, 4171, 4258 (degrees), 2154 (Lambert-93), 3942 to 3950 (CC42 to CC50), " +
	"3857 (Web Mercator), 3035 (LAEA Europe), 32601 to 32660, 32701 to 32760 and 25828 to 25838 (UTM), 27561 to 27564, 27571 to 27574, " +
	"4275 and 4807 (NTF, Lambert zones), 2972 (Guyane), 2975 (Réunion), 4471 (Mayotte), 5490 (Antilles), 4467 (Saint-Pierre-et-Miquelon)"

var (
	registry = map[string]*definition{}
	ordered  []*definition // as registered: the first match wins when a text has parameters but no code
)

// The systems that the rest of the program names.
var (
	CRS84       CRS // longitude and latitude in degrees, WGS 84
	Lambert93   CRS // EPSG:2154
	WebMercator CRS // EPSG:3857
	LAEAEurope  CRS // EPSG:3035
)

// Supported lists every system that Parse knows.
func Supported() []CRS {
	out := make([]CRS, len(ordered))
	for i, d := range ordered {
		out[i] = CRS{d}
	}
	return out
}

// aliases are other codes of the same coordinates: realisations of RGF93 that agree to a few centimetres, codes of other
// authorities, codes of before Web Mercator had one.
var aliases = map[string]string{
	"EPSG:9793": "EPSG:2154", "EPSG:9794": "EPSG:2154", "ESRI:102110": "EPSG:2154", "IGNF:LAMB93": "EPSG:2154",
	"EPSG:9777": "EPSG:4171", "EPSG:9782": "EPSG:4171", "IGNF:RGF93G": "EPSG:4171",
	"EPSG:3785": "EPSG:3857", "EPSG:900913": "EPSG:3857", "ESRI:102100": "EPSG:3857", "ESRI:102113": "EPSG:3857",
	"IGNF:LAMB1": "EPSG:27561", "IGNF:LAMB2": "EPSG:27562", "IGNF:LAMB3": "EPSG:27563", "IGNF:LAMB4": "EPSG:27564",
	"IGNF:LAMB2E": "EPSG:27572", "ESRI:102582": "EPSG:27572", "EPSG:27582": "EPSG:27572", "EPSG:27581": "EPSG:27571",
	"EPSG:27583": "EPSG:27573", "EPSG:27584": "EPSG:27574", "EPSG:27591": "EPSG:27561", "EPSG:27592": "EPSG:27562",
	"EPSG:27593": "EPSG:27563", "EPSG:27594": "EPSG:27564", "IGNF:NTFG": "EPSG:4275", "IGNF:NTFP": "EPSG:4807",
	"IGNF:RGFG95UTM22": "EPSG:2972", "IGNF:RGR92UTM40S": "EPSG:2975", "IGNF:RGM04UTM38S": "EPSG:4471", "IGNF:UTM20RGAF09": "EPSG:5490",
	"IGNF:RGAF09UTM20": "EPSG:5490", "IGNF:RGSPM06U21": "EPSG:4467",
	"EPSG:4979": "EPSG:4326", "OGC:CRS84H": "OGC:CRS84", "CRS:84": "OGC:CRS84",
}

func bound(west, south, east, north float64) orb.Bound {
	return orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}
}

func register(code, name string, dat datum, proj projection, area orb.Bound) CRS {
	d := &definition{code: code, name: name, datum: dat, proj: proj, area: area, geographic: proj == nil}
	if shift, ok := proj.(*shifted); ok {
		d.geographic = shift.inner == nil || shift.geographic
	}
	registry[code] = d
	ordered = append(ordered, d)
	return CRS{d}
}

// Parameters and areas of use: EPSG geodetic parameter dataset v10.
func init() {
	france := bound(-9.86, 41.15, 10.38, 51.56)
	world := bound(-180, -90, 180, 90)
	register("EPSG:4326", "WGS 84", datumWGS84, nil, world)
	CRS84 = register("OGC:CRS84", "WGS 84 (CRS84)", datumWGS84, nil, world)
	register("EPSG:4171", "RGF93 v1", datumRGF93, nil, france)
	register("EPSG:4258", "ETRS89", datumETRS89, nil, bound(-16.1, 32.88, 40.18, 84.73))
	Lambert93 = register("EPSG:2154", "RGF93 v1 / Lambert-93", datumRGF93,
		newLCC(grs80, 46.5, 3, 49, 44, 700_000, 6_600_000), france)
	WebMercator = register("EPSG:3857", "WGS 84 / Pseudo-Mercator", datumWGS84,
		webMercator{}, bound(-180, -85.06, 180, 85.06))
	LAEAEurope = register("EPSG:3035", "ETRS89-extended / LAEA Europe", datumETRS89,
		newLAEA(grs80, 52, 10, 4_321_000, 3_210_000), bound(-35.58, 24.6, 44.83, 84.73))
	registerConicZones()
	registerUTM()
	registerNTF()
	registerOverseas()
}

// registerConicZones adds CC42 to CC50: each has its parallels three quarters of a degree from a whole degree.
func registerConicZones() {
	areas := [...]orb.Bound{
		bound(-1.06, 41.31, 9.63, 43.07), bound(-1.79, 42.33, 7.65, 44.01), bound(-1.79, 42.92, 7.71, 45),
		bound(-1.46, 44, 7.71, 46), bound(-2.21, 45, 7.16, 47), bound(-4.77, 46, 7.63, 48),
		bound(-4.87, 47, 8.23, 49), bound(-4.87, 48, 8.23, 50), bound(-2.03, 49, 8.08, 51.14),
	}
	for i, area := range areas {
		lat0 := float64(42 + i)
		register(fmt.Sprintf("EPSG:%d", 3942+i), fmt.Sprintf("RGF93 v1 / CC%d", 42+i), datumRGF93,
			newLCC(grs80, lat0, 3, lat0-0.75, lat0+0.75, 1_700_000, 1_200_000+1e6*float64(i)), area)
	}
}

func registerUTM() {
	for zone := 1; zone <= 60; zone++ {
		lon0 := float64(6*zone - 183)
		register(fmt.Sprintf("EPSG:%d", 32600+zone), fmt.Sprintf("WGS 84 / UTM zone %dN", zone), datumWGS84,
			newTM(wgs84, lon0, 0.9996, 500_000, 0), bound(lon0-3, 0, lon0+3, 84))
		register(fmt.Sprintf("EPSG:%d", 32700+zone), fmt.Sprintf("WGS 84 / UTM zone %dS", zone), datumWGS84,
			newTM(wgs84, lon0, 0.9996, 500_000, 10_000_000), bound(lon0-3, -80, lon0+3, 0))
	}
	for zone := 28; zone <= 38; zone++ {
		lon0 := float64(6*zone - 183)
		register(fmt.Sprintf("EPSG:%d", 25800+zone), fmt.Sprintf("ETRS89 / UTM zone %dN", zone), datumETRS89,
			newTM(grs80, lon0, 0.9996, 500_000, 0), bound(lon0-3, 35, lon0+3, 84))
	}
}
