"""Count the rows, and find the bounds, of files with programs that are not jumeau: GDAL for layers, the json module for JSON tables.

Reads a JSON list of {"path", "layer", "options", "json"} on standard input and writes a list of {"rows", "bounds", "error"}.
"""
import gzip, json, sys

from osgeo import gdal, ogr

gdal.UseExceptions()
gdal.SetConfigOption("OGR_GEOJSON_MAX_OBJ_SIZE", "0")
gdal.SetConfigOption("CPL_VSIL_GZIP_WRITE_PROPERTIES", "NO")  # leave nothing beside the files
gdal.SetConfigOption("GML_SRS_DIMENSION_IF_MISSING", "2")


def opened(ask):
    return gdal.OpenEx(ask["path"], gdal.OF_VECTOR, open_options=ask.get("options") or [])


def layers(ask):
    data = opened(ask)
    names = [data.GetLayer(i).GetName() for i in range(data.GetLayerCount())]
    rows, bounds = 0, None
    for name in [ask["layer"]] if ask.get("layer") else names:
        data = opened(ask)  # reading goes front to back: one opening a layer
        for feature in data.GetLayerByName(name):
            rows += 1
            shape = feature.GetGeometryRef()
            if shape is None or shape.IsEmpty():
                continue
            west, east, south, north = shape.GetEnvelope()
            if bounds is None:
                bounds = [west, south, east, north]
            else:
                bounds = [min(bounds[0], west), min(bounds[1], south), max(bounds[2], east), max(bounds[3], north)]
    return rows, bounds


def records(path):
    """The objects of a JSON document, of a list, or of documents one after the other."""
    text = (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8").read()
    decoder, at, rows = json.JSONDecoder(), 0, 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        if at >= len(text):
            return rows
        value, at = decoder.raw_decode(text, at)
        rows += len(value) if isinstance(value, list) else 1


answers = []
for ask in json.load(sys.stdin):
    answer = {}
    try:
        if ask.get("json"):
            answer["rows"] = records(ask["path"])
        else:
            answer["rows"], answer["bounds"] = layers(ask)
    except Exception as error:
        answer["error"] = str(error)
    answers.append(answer)
json.dump(answers, sys.stdout)
