"""QGIS without a screen loads a layer by OGC API Features and its vector tiles, and draws these.

Arguments: address of the server, layer, lowest and highest zoom, west, south, east, north. Writes JSON.
"""
import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import (QgsApplication, QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsMapRendererSequentialJob, QgsMapSettings, QgsProject,
                       QgsRectangle, QgsVectorLayer, QgsVectorTileLayer)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

url, layer, low, high = sys.argv[1:5]
app = QgsApplication([], False)
app.initQgis()
features = QgsVectorLayer(f"typename='{layer}' url='{url}/' pagingEnabled='true' pageSize='50'", "features", "OAPIF")
ids = sorted(f["id"] for f in features.getFeatures())
tiles = QgsVectorTileLayer(f"type=xyz&url={url}/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt&zmin={low}&zmax={high}", "tiles")
white = QColor(255, 255, 255)
settings = QgsMapSettings()
settings.setLayers([tiles])
settings.setBackgroundColor(white)
settings.setOutputSize(QSize(128, 128))
settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
to = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4326"), settings.destinationCrs(), QgsProject.instance())
settings.setExtent(to.transformBoundingBox(QgsRectangle(*map(float, sys.argv[5:9]))))
job = QgsMapRendererSequentialJob(settings)
job.start()
job.waitForFinished()
image = job.renderedImage()
drawn = sum(image.pixelColor(x, y) != white for x in range(128) for y in range(128))
print(json.dumps({"features": features.isValid(), "ids": ids, "fields": [f.name() for f in features.fields()], "tiles": tiles.isValid(), "drawn": drawn}))
sys.stdout.flush()
os._exit(0)  # QGIS without a screen does not always end by itself
