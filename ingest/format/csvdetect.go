package format

import (
	"strings"
)

const delimiters = ",;\t|"

// How many records are looked at to find the delimiter.
const detectRecords = 200

// chooseDelimiter takes the declared delimiter, or the one that cuts most records into as many cells as the header; among
// equals the one that makes more cells. A header of dBase types ("LEN,N,19,11;…") holds more commas than semicolons, and
// decimal commas do the same to rows: counting alone would be wrong.
func chooseDelimiter(sample []byte, eol byte, declared string) (byte, error) {
	switch {
	case declared == `\t` || strings.EqualFold(declared, "tab"):
		return '\t', nil
	case len(declared) == 1:
		return declared[0], nil
	case declared != "":
		return 0, invalid(`use one of "," ";" "\t" "|"`, "delimiter %q is not one character", declared)
	}
	best, bestScore := byte(0), 0.0 // one column
	for _, d := range []byte(delimiters) {
		if score := agreement(sample, eol, d); score > bestScore {
			best, bestScore = d, score
		}
	}
	return best, nil
}

// agreement is the share of records with as many cells as the header, plus a little for the number of cells.
func agreement(sample []byte, eol, delimiter byte) float64 {
	s := csvScanner{delimiter: delimiter}
	columns, records, same := 0, 0, 0
	for at := 0; at < len(sample) && records < detectRecords; {
		if c := sample[at]; c == '\n' || c == '\r' {
			at++
			continue
		}
		end, state := s.record(sample, at, len(sample), eol, true)
		if state != csvComplete {
			break
		}
		at = end
		if columns == 0 {
			if columns = len(s.cells); columns < 2 {
				return 0
			}
			continue
		}
		records++
		if len(s.cells) == columns || s.trim(columns) {
			same++
		}
	}
	if columns < 2 {
		return 0
	}
	share := 1.0
	if records > 0 {
		share = float64(same) / float64(records)
	}
	return share + 0.001*min(float64(columns), 100)
}
