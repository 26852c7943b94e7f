package declare

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"jumeau/model"
)

// base is a small territory that passes check; tests change one line of it.
var base = map[string]string{
	"territory.yaml": `territory: demo
title: {fr: Démo, en: Demo}
bbox: [1.40, 43.40, 1.75, 43.62]
time_zone: Europe/Paris
zones: [commune, cell_200m]
schedule: "0 2 * * *"
privacy: {k: 20, epsilon: 1, delta: 1e-6, epsilon_year: 4}
`,
	"sources/communes.yaml": `source: communes
title: {fr: Communes, en: Communes}
from: {path: raw/communes.geojson}
producer: IGN
licence: Licence Ouverte 2.0
vintage: "2026"
contract:
  columns:
    code: {type: text, role: id, pattern: "[0-9]{5}"}
    nom:
      type: text
      role: name
  geometry: {type: polygon}
  reject_at_most: 0.5%
zones:
  system: commune
  title: {fr: Communes, en: Communes}
  id: code
  name: nom
`,
	"sources/counts.yaml": `source: counts
title: {fr: Comptages, en: Counts}
from: {path: raw/counts.csv}
producer: Ville
licence: Licence Ouverte 2.0
vintage: "2026"
contract:
  columns:
    place: {type: text, role: place, refers: communes.code}
    at: {type: timestamp, role: time}
    n: {type: integer, role: value, min: 0}
behaviour: {class: B}
measures:
  passages:
    title: {fr: Passages, en: Passages}
    unit: {fr: passages, en: passages}
    value: n
    zones: commune
    zone: place
    time: at
    slots: [all, hour]
flows:
  trips:
    title: {fr: Trajets, en: Trips}
    unit: {fr: trajets, en: trips}
    zones: commune
    origin: place
    destination: place
`,
	"sources/tickets.yaml": `source: tickets
title: {fr: Validations, en: Tickets}
from: {path: raw/tickets.csv}
producer: Tisséo
licence: Convention
vintage: "2026"
contract:
  columns:
    card: {type: text, role: unit}
    at: {type: timestamp, role: time}
    stop: {type: text}
behaviour:
  class: C
  unit: person
  purpose: {fr: Fréquentation, en: Use of lines}
  legal_basis: public task
  retention: P30D
  period: 2026-Q1
  publish:
    travellers: {title: {fr: Voyageurs, en: Travellers}, shape: presence, zones: cell_200m, slot: hour, place: stop}
`,
	"layers/communes.yaml": `layer: communes
title: {fr: Communes, en: Communes}
geometry: {zones: commune, zoom: 5-14}
measures: [passages]
flows: [trips]
style: {ramp: sequential, classes: 6, label: name}
`,
	"layers/outlines.yaml": `layer: outlines
title: {fr: Contours, en: Outlines}
geometry: {source: communes, zoom: 5-14}
properties: [nom]
style: {as: line, colour: "#336699", label: nom}
`,
}

// folder is the base with some files replaced; an empty text removes a file.
func folder(changes map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range base {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for name, text := range changes {
		if out[name] = (&fstest.MapFile{Data: []byte(text)}); text == "" {
			delete(out, name)
		}
	}
	return out
}

// changed is the base with a text of one file replaced.
func changed(t testing.TB, file, old, with string) fstest.MapFS {
	t.Helper()
	if strings.Count(base[file], old) != 1 {
		t.Fatalf("%q is %d times in %s", old, strings.Count(base[file], old), file)
	}
	return folder(map[string]string{file: strings.Replace(base[file], old, with, 1)})
}

func problemsOf(t tester, fsys fs.FS) Problems {
	t.Helper()
	_, err := Read(fsys)
	if err == nil {
		return nil
	}
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("not a list of problems: %v", err)
	}
	if model.KindOf(err) != model.Invalid || model.HintOf(err) == "" {
		t.Errorf("kind %v, hint %q", model.KindOf(err), model.HintOf(err))
	}
	return problems
}

// tester is the part of testing.TB that rapid has too.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}
