package query

import (
	"path/filepath"
	"slices"

	"jumeau/model/quality"
	"jumeau/model/release"
)

// drifted is one way in which the file of a source, when it came, was not as those before it.
type drifted struct {
	Source string `json:"source"`
	quality.Finding
}

// driftOf lists what was found about the sources that the reader sees. A release that remembers nothing has none.
func driftOf(dir string, sources []release.Source) (out []drifted) {
	history, err := quality.Read(filepath.Join(dir, quality.Name))
	if err != nil {
		return nil
	}
	for _, s := range sources {
		last, ok := history.Last(s.ID)
		if !ok {
			continue
		}
		for _, f := range last.Findings {
			out = append(out, drifted{s.ID, f})
		}
	}
	return slices.Clip(out)
}
