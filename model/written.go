package model

import (
	"fmt"
	"strconv"
	"strings"
)

// ParsePercent reads a share written as a percentage: "0.5%" is 0.005.
func ParsePercent(s string) (Percent, error) {
	number, ok := strings.CutSuffix(strings.TrimSpace(s), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if !ok || err != nil || !(v >= 0 && v <= 100) {
		return 0, fmt.Errorf(`%q is not a percentage between 0%% and 100%% (written "0.5%%")`, s)
	}
	return Percent(v / 100), nil
}

// String writes the share as a percentage, without needless digits.
func (p Percent) String() string {
	return strconv.FormatFloat(float64(p)*100, 'g', 12, 64) + "%"
}

// UnmarshalYAML reads the percentage from the bytes of a YAML scalar.
func (p *Percent) UnmarshalYAML(b []byte) (err error) {
	*p, err = ParsePercent(unquote(b))
	return err
}

// MarshalYAML writes the percentage as a YAML scalar.
func (p Percent) MarshalYAML() ([]byte, error) { return []byte(p.String()), nil }

// MaxZoom is the finest tile zoom.
const MaxZoom = 22

// ParseZoomRange reads a pair of zooms written "8-16", both included.
func ParseZoomRange(s string) (ZoomRange, error) {
	low, high, ok := strings.Cut(strings.TrimSpace(s), "-")
	least, err1 := strconv.ParseUint(strings.TrimSpace(low), 10, 8)
	most, err2 := strconv.ParseUint(strings.TrimSpace(high), 10, 8)
	switch {
	case !ok || err1 != nil || err2 != nil:
		return ZoomRange{}, fmt.Errorf(`%q is not a range of zooms (written "8-16")`, s)
	case most > MaxZoom:
		return ZoomRange{}, fmt.Errorf("zoom %d is above %d, the finest", most, MaxZoom)
	case least > most:
		return ZoomRange{}, fmt.Errorf(`zooms run from the coarsest to the finest: "%d-%d"`, most, least)
	}
	return ZoomRange{int(least), int(most)}, nil
}

// String writes the range as a declaration does.
func (z ZoomRange) String() string { return fmt.Sprintf("%d-%d", z.Min, z.Max) }

// UnmarshalYAML reads the range from the bytes of a YAML scalar.
func (z *ZoomRange) UnmarshalYAML(b []byte) (err error) {
	*z, err = ParseZoomRange(unquote(b))
	return err
}

// MarshalYAML writes the range as a YAML scalar.
func (z ZoomRange) MarshalYAML() ([]byte, error) { return []byte(z.String()), nil }

// unquote is the text of a plain, single-quoted or double-quoted YAML scalar without escapes.
func unquote(b []byte) string {
	s := strings.TrimSpace(string(b))
	if n := len(s); n >= 2 && s[0] == s[n-1] && (s[0] == '"' || s[0] == '\'') {
		return s[1 : n-1]
	}
	return s
}
