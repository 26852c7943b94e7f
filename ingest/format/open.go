package format

import (
	"context"
	"os"
	"slices"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// sampleSize is how much of a text file is looked at before the first record is delivered.
const sampleSize = 8 << 20

// formats are the values of Options.Format and Info.Format.
var formats = []string{"geojson", "geojsonseq", "json", "csv", "parquet", "shapefile", "geopackage", "flatgeobuf", "kml", "gml",
	"topojson", "openstreetmap", "gtfs", "gtfs-rt", "xlsx", "ods", "citygml", "cityjson", "arrow"}

func open(ctx context.Context, path string, opt Options) (Reader, error) {
	if opt.Format != "" && !slices.Contains(formats, opt.Format) {
		return nil, invalid("use one of "+list(formats), "there is no format %q", opt.Format)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return openFolder(ctx, path, opt)
	}
	src, err := fileSource(path)
	if err != nil {
		return nil, err
	}
	r, err := openSource(ctx, src, path, opt)
	if err != nil {
		src.close()
	}
	return r, err
}

// opener reads what is not text and needs nothing beside it.
type opener struct {
	format string
	open   func(context.Context, *source, Options) (Reader, error)
}

var openers = map[kind]opener{
	kindParquet:    {"parquet", func(ctx context.Context, s *source, o Options) (Reader, error) { return newParquet(ctx, s, o) }},
	kindSQLite:     {"geopackage", newGeoPackage},
	kindPBF:        {"openstreetmap", openOSMPBF},
	kindFlatGeobuf: {"flatgeobuf", newFlatGeobuf},
	kindArrow:      {"arrow", newArrow},
	kindRealtime:   {"gtfs-rt", openRealtime},
}

// openSource unwraps compression until a reader fits. path is the file on disk, "" inside an archive.
func openSource(ctx context.Context, src *source, path string, opt Options) (Reader, error) {
	for {
		head, err := src.head()
		if err != nil {
			return nil, err
		}
		kind, refused := recognise(head)
		if open, ok := openers[kind]; ok {
			if err := fits(open.format, opt); err != nil {
				return nil, err
			}
			return open.open(ctx, src, opt)
		}
		switch kind {
		case kindGzip, kindBzip2, kindZstd, kindXZ, kindZip, kind7z:
			if opt.depth++; opt.depth > maxDepthArchive {
				return nil, invalid(toPlain, "it is packed %d times over", opt.depth)
			}
			if kind == kindZip {
				return openZip(ctx, src, opt)
			}
			if kind == kind7z {
				return open7z(ctx, src, opt)
			}
			if err := src.unpack(decompressors[kind]); err != nil {
				return nil, err
			}
			path = ""
			continue
		case kindShapefile:
			if path == "" {
				return nil, invalid("pack .shp, .dbf and .prj together as zip", "a lone .shp holds only half of a Shapefile")
			}
			if err := fits("shapefile", opt); err != nil {
				return nil, err
			}
			return openShapefile(ctx, src, path, opt)
		case kindXML:
			return openXML(ctx, src, opt)
		case kindRefused:
			return nil, refused.error()
		case kindEmpty:
			return nil, invalid("download it again", "the file is empty")
		}
		return openText(ctx, src, kind, opt)
	}
}

func fits(found string, opt Options) error {
	if opt.Format != "" && opt.Format != found && !(opt.Format == "gtfs" && found == "csv") {
		return invalid("correct or remove `format` in the declaration", "the file is %s, the declaration says %s", found, opt.Format)
	}
	return nil
}

func openText(ctx context.Context, src *source, kind kind, opt Options) (Reader, error) {
	dec, err := newDecoder(opt.Encoding)
	if err != nil {
		return nil, err
	}
	w := newWindow(src.stream)
	if kind == kindUTF16 {
		utf16 := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
		w = newWindow(transform.NewReader(src.stream, utf16.NewDecoder()))
		dec = &decoder{name: utf8Name}
		src.plain = nil
	}
	sample := w.peek(sampleSize)
	if w.err != nil {
		return nil, w.err
	}
	if hasPrefix(sample, bom) {
		w.pos += len(bom)
		if dec.name == "" {
			dec = &decoder{name: utf8Name}
		}
		sample = sample[len(bom):]
	}
	if kind == kindUTF16 {
		kind, _ = recogniseText(sample)
	}
	dec.decide(sample)
	isJSON := kind == kindJSON
	switch opt.Format {
	case "csv":
		isJSON = false
	case "", "gtfs":
	default:
		if !slices.Contains([]string{"json", "geojson", "geojsonseq", "topojson", "cityjson"}, opt.Format) {
			return nil, fits("text", opt)
		}
		if !isJSON {
			return nil, fits("not JSON", opt)
		}
	}
	if !isJSON {
		return newCSV(ctx, src, w, dec, opt)
	}
	return openJSON(ctx, src, w, dec, opt)
}

func openJSON(ctx context.Context, src *source, w *window, dec *decoder, opt Options) (Reader, error) {
	shape := sniffJSON(w.buf[w.pos : w.end+1])
	switch {
	case opt.Format == "json":
	case shape.topology:
		if err := fits("topojson", opt); err != nil {
			return nil, err
		}
		return newTopoJSON(ctx, src, w, dec, opt)
	case shape.city:
		if err := fits("cityjson", opt); err != nil {
			return nil, err
		}
		return newCityJSON(ctx, src, w, opt)
	}
	if opt.Explode == "" && (shape.geojson && opt.Format != "json" || opt.Format == "geojson" || opt.Format == "geojsonseq") {
		return newGeoJSON(ctx, src, w, dec, shape, opt)
	}
	if opt.Explode != "" && opt.Format != "json" && opt.Format != "" {
		return nil, invalid("use `explode` with `format: json`", "%s has no arrays to explode", opt.Format)
	}
	return newJSONTable(ctx, src, w, dec, opt)
}
