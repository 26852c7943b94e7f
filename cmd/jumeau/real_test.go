package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"jumeau/internal/realdata"
)

// account of one source: rows read, loaded, skipped (not of the territory), and rejected by code.
type account struct {
	Read, Loaded, Skipped int64
	Rejected              map[string]int64
}

func whole(rows int64) account { return account{Read: rows, Loaded: rows} }

func part(read, loaded int64) account {
	return account{Read: read, Loaded: loaded, Skipped: read - loaded}
}

// The counts are those of the files, taken with other tools: rows of the published files, 36 members of EPCI 243100633, 521
// Tisséo stops in its communes of which 177 are stop areas, 92 traffic counts on streets that are no more, 4 repeated
// records of one bicycle counter, and one cycle path without geometry.
func TestRealTerritoriesAccountForEveryRowOfTheirFiles(t *testing.T) {
	mirror := realdata.Dir(t)
	for territory, want := range map[string]map[string]account{
		"sicoval": {
			"arrondissements": whole(3), "cantons": whole(27), "departement": whole(1),
			"departements_occitanie": whole(13), "communes_occitanie": whole(4516),
			"epci": part(34871, 36), "communes": part(587, 36),
			"schools_primary": part(27588, 31), "schools_secondary": part(27588, 7),
			"tisseo_lines": whole(125), "tisseo_stop_areas": part(5569, 1810), "tisseo_stops": part(5569, 521-177),
		},
		"montpellier": {
			"limite": whole(1), "quartiers": whole(7), "sous_quartiers": whole(31), "superficies": whole(31),
			"batiments": whole(3356), "voies": whole(8011), "voies_remarques": whole(8011), "eclairage": whole(29969),
			"adresses": whole(36395), "etablissements": whole(1024), "compteurs_velo": whole(7),
			"pistes_cyclables":   {Read: 319, Loaded: 318, Rejected: map[string]int64{"geometry_missing": 1}},
			"comptages_routiers": {Read: 3314, Loaded: 3222, Rejected: map[string]int64{"reference_unknown": 92}},
			"comptages_velo":     {Read: 599, Loaded: 595, Rejected: map[string]int64{"duplicate": 4}},
			"tam_stop_areas":     part(2054, 654), "tam_stops": part(2054, 656),
		},
	} {
		t.Run(territory, func(t *testing.T) {
			var out, errOut bytes.Buffer
			if code := run([]string{"run", territory, "--mirror", mirror, "--releases", t.TempDir(), "--json"}, &out, &errOut); code != 0 {
				t.Fatalf("exit code %d\n%s", code, errOut.String())
			}
			var result struct {
				Sources []struct {
					ID                    string
					Read, Loaded, Skipped int64
					Rejected              []struct {
						Code  string
						Count int64
					}
				}
			}
			if err := json.Unmarshal(out.Bytes(), &result); err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			got := map[string]account{}
			for _, s := range result.Sources {
				a := account{Read: s.Read, Loaded: s.Loaded, Skipped: s.Skipped}
				for _, r := range s.Rejected {
					if a.Rejected == nil {
						a.Rejected = map[string]int64{}
					}
					a.Rejected[r.Code] += r.Count
				}
				got[s.ID] = a
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
