package batch

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"jumeau/internal/realdata"
	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
)

// bordeaux declares the resident cells of Bordeaux Métropole as INSEE publishes them.
var bordeaux = map[string]string{
	"territory.yaml": `territory: bordeaux
title: {fr: Bordeaux, en: Bordeaux}
bbox: [-0.9, 44.7, -0.4, 45.1]
time_zone: Europe/Paris
zones: [cell_1km, cell_200m]
`,
	"sources/cells.yaml": `source: cells
title: {fr: Carreaux, en: Cells}
from: {path: carreaux_200m_bm.csv.gz}
producer: INSEE
licence: Licence Ouverte 2.0
vintage: "2015"
contract:
  match: ignore_case
  columns:
    cell: {from: idinspire, type: text, role: id, unique: true, required: true}
    residents: {from: ind, type: number, min: 0}
    imputed: {from: i_est_cr, type: boolean}
behaviour: {class: A}
measures:
  residents:
    title: {fr: Habitants, en: Residents}
    unit: {fr: habitants, en: residents}
    value: residents
    zones: cell_200m
    zone: cell
    estimated: imputed
    rollup: [cell_1km]
`,
	"layers/cells.yaml": `layer: cells
title: {fr: Habitants, en: Residents}
geometry: {zones: cell_200m, zoom: 10-16}
measures: [residents]
`,
}

// 6,735 cells, 2,159 of them imputed, 725,084.5 residents: counted in the file by another program.
func TestResidentCellsOfBordeaux(t *testing.T) {
	mirror := filepath.Dir(realdata.Path(t, "insee-filosofi-200m-bordeaux/carreaux_200m_bm.csv.gz"))
	dir := t.TempDir()
	for name, text := range bordeaux {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	releases := t.TempDir()
	result, err := runIn(t.Context(), t, dir, releases, mirror)
	if err != nil {
		t.Fatal(err)
	}
	for system, zones := range map[string]int{model.Cell200m: 6735, model.Cell1km: 0} {
		values, err := frame.OpenValues(filepath.Join(releases, result.Release, filepath.FromSlash(release.ValuesPath("residents", system))))
		if err != nil {
			t.Fatal(err)
		}
		f, _ := values.At(model.All)
		total, imputed := 0.0, 0
		for i, v := range f.Value {
			if !math.IsNaN(v) {
				total += v
			}
			if f.Flag[i] == model.Estimated {
				imputed++
			}
		}
		if math.Abs(total-725084.5) > 1e-3 {
			t.Errorf("%s: %.1f residents", system, total)
		}
		if zones > 0 && (f.Len() != zones || imputed != 2159) {
			t.Errorf("%s: %d zones, %d imputed", system, f.Len(), imputed)
		}
		if err := values.Close(); err != nil {
			t.Error(err)
		}
	}
}
