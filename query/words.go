package query

import (
	"strconv"
	"strings"
)

// groupDigits writes a whole number in groups of three digits.
func groupDigits(n int64, between string) string {
	text := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	var parts []string
	for len(text) > 3 {
		parts = append([]string{text[len(text)-3:]}, parts...)
		text = text[:len(text)-3]
	}
	return sign + strings.Join(append([]string{text}, parts...), between)
}

// decimal writes a number with so many significant digits, with the language's decimal sign.
func decimal(v float64, digits int, lang string) string {
	text := strconv.FormatFloat(v, 'g', digits, 64)
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		text = strconv.FormatFloat(f, 'f', -1, 64)
	}
	if lang == "fr" {
		return strings.Replace(text, ".", ",", 1)
	}
	return text
}

// size writes bytes in the unit that reads best: kB, MB, GB (Ko, Mo, Go in French).
func size(n int64, lang string) string {
	units, b := []string{"B", "kB", "MB", "GB"}, "."
	if lang == "fr" {
		units, b = []string{"o", "Ko", "Mo", "Go"}, ","
	}
	v, i := float64(n), 0
	for v >= 1000 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	digits := 0
	if i > 0 && v < 10 {
		digits = 1
	}
	return strings.Replace(strconv.FormatFloat(v, 'f', digits, 64), ".", b, 1) + "\u00a0" + units[i]
}
