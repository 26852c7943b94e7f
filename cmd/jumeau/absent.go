package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"jumeau/model"
)

// showAbsent prints which files to get, where to put them, and from whom.
func showAbsent(out io.Writer, sources []*model.Source) {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, s := range sources {
		need := "needed"
		if s.Optional {
			need = "optional"
		}
		from := s.From.URL
		if from == "" {
			from = "(no address is declared: ask " + s.Producer + ")"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t\n", s.ID, need, s.From.Path, from)
	}
	w.Flush()
}

// tellAbsent shows the files that a run needs and does not find, all at once, and the optional ones with them; nothing when it
// finds all that it needs. Files that have an address are not absent where the network is used.
func tellAbsent(out io.Writer, t *model.Territory, folders []string, network bool) {
	absent := absentFiles(t, folders)
	if network {
		absent = slices.DeleteFunc(absent, func(s *model.Source) bool { return s.From.URL != "" })
	}
	if len(absent) == 0 || absent[0].Optional {
		return
	}
	fmt.Fprintf(out, "Files that are not there (put them below the territory folder, or give their folder with --mirror):\n")
	showAbsent(out, absent)
	fmt.Fprintln(out)
}
