package crs

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"jumeau/model"
)

// maxText bounds the length of a text that Parse looks at; a WKT with every extent and remark is a few kilobytes.
const maxText = 1 << 16

// Parse recognises a coordinate reference system written as
//
//   - a code: "EPSG:2154", "2154", "OGC:CRS84", "SRID:2154";
//   - an address: "http://www.opengis.net/def/crs/EPSG/0/2154", "urn:ogc:def:crs:EPSG::2154";
//   - WKT 1 (OGC or the ESRI .prj of a Shapefile) or WKT 2, by its authority code or else by its projection parameters;
//   - PROJJSON (GeoParquet), likewise, or the crs object of an old GeoJSON.
//
// Anything else, and every system that is not supported, is a model.Error of kind Invalid whose hint lists what is.
func Parse(s string) (CRS, error) {
	text := strings.TrimSpace(strings.TrimPrefix(s, "\ufeff"))
	c, err := parse(text)
	if err == nil {
		return c, nil
	}
	return CRS{}, &model.Error{
		Kind: model.Invalid, Op: "read coordinate system", Subject: shorten(text), Err: err,
		Hint: "convert the file to a supported system, or declare one (crs: EPSG:2154); supported: " + supportedText,
	}
}

var (
	errEmpty     = errors.New("crs: no coordinate system given")
	errTooLong   = errors.New("crs: text too long to be a coordinate system")
	errForm      = errors.New("crs: neither a code, nor WKT, nor PROJJSON")
	errSupported = errors.New("crs: not a supported coordinate system")
)

func parse(text string) (CRS, error) {
	switch {
	case text == "":
		return CRS{}, errEmpty
	case len(text) > maxText:
		return CRS{}, errTooLong
	case text[0] == '{':
		return parseJSON(text)
	case strings.ContainsAny(text, "[("):
		return parseWKT(text)
	}
	authority, code, ok := splitCode(text)
	if !ok {
		return CRS{}, errForm
	}
	if c, ok := lookup(authority, code); ok {
		return c, nil
	}
	return CRS{}, fmt.Errorf("%w: %s:%s", errSupported, authority, code)
}

// lookup finds a code in the registry, through the aliases.
func lookup(authority, code string) (CRS, bool) {
	key := strings.ToUpper(authority) + ":" + strings.ToUpper(code)
	if other, ok := aliases[key]; ok {
		key = other
	}
	d, ok := registry[key]
	return CRS{d}, ok
}

var (
	plainCode = regexp.MustCompile(`^(?:(?i:(EPSG|OGC|ESRI|IGNF|CRS|SRID)):)?([A-Za-z]*[0-9]+[A-Za-z]?)$`)
	urnCode   = regexp.MustCompile(`(?i)^urn:(?:x-)?ogc:def:crs:([A-Z]+):[^:]*:([A-Z0-9]+)$`)
	// RFC 5165 asks for an empty version; some write none at all.
	urnShort = regexp.MustCompile(`(?i)^urn:(?:x-)?ogc:def:crs:([A-Z]+):([A-Z0-9]+)$`)
	urlCode  = regexp.MustCompile(`(?i)^https?://(?:www\.)?opengis\.net/def/crs/([A-Z]+)/[^/]+/([A-Z0-9]+)/?$`)
	// A compound system: the horizontal part comes first (OGC 09-048r5, 7.5.4).
	urnPair  = regexp.MustCompile(`(?i)^urn:ogc:def:crs,crs:([A-Z]+):[^:]*:([A-Z0-9]+),crs:`)
	codePair = regexp.MustCompile(`(?i)^(EPSG):([0-9]+)\+[0-9]+$`)
	gmlCode  = regexp.MustCompile(`(?i)^https?://(?:www\.)?opengis\.net/gml/srs/([A-Z]+)\.xml#([A-Z0-9]+)$`)
)

func splitCode(text string) (authority, code string, ok bool) {
	for _, re := range []*regexp.Regexp{plainCode, urnCode, urnShort, urlCode, gmlCode, urnPair, codePair} {
		m := re.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		authority = strings.ToUpper(m[1])
		switch {
		case authority == "" && strings.EqualFold(m[2], "CRS84"):
			authority = "OGC"
		case authority == "" || authority == "SRID":
			authority = "EPSG"
		}
		return authority, m[2], true
	}
	return "", "", false
}

// shorten keeps a text fit for a message: one line, at most 80 bytes of it.
func shorten(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 80 {
		text = strings.ToValidUTF8(text[:77], "") + "…"
	}
	return text
}
