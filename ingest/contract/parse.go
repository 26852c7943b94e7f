package contract

import (
	"strconv"
	"strings"
)

// parseNumber reads a number as French producers write it: a decimal comma when declared, and ordinary, no-break or narrow
// no-break spaces between thousands.
func parseNumber(text string, comma bool) (float64, bool) {
	if strings.ContainsAny(text, "xX_pPnN") { // hexadecimal, digit separators, NaN and Inf are not figures
		return 0, false
	}
	if comma {
		text = strings.Replace(text, ",", ".", 1)
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		v, err = strconv.ParseFloat(thousands.Replace(text), 64)
	}
	return v, err == nil && finite(v)
}

func finite(v float64) bool { return v-v == 0 }

// parseInteger also takes an integer written as a real number ("12.0"), as some exports do.
func parseInteger(text string, comma bool) (int64, bool) {
	if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		return v, true
	}
	v, ok := parseNumber(text, comma)
	if !ok {
		return 0, false
	}
	return wholeNumber(v)
}

// wholeNumber converts v when nothing is lost by it.
func wholeNumber(v float64) (int64, bool) {
	const exact = 1 << 53
	if v < -exact || v > exact || v != float64(int64(v)) {
		return 0, false
	}
	return int64(v), true
}

// space, no-break space, narrow no-break space
var thousands = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "")

func parseBoolean(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "1", "t", "true", "vrai", "o", "oui", "y", "yes":
		return true, true
	case "0", "f", "false", "faux", "n", "non", "no":
		return false, true
	}
	return false, false
}
