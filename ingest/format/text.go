package format

import (
	"encoding/binary"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

const utf8Name = "utf-8"

// decoder turns the bytes of a file into UTF-8. While it is undecided it takes the first text that is not ASCII as the
// sign: UTF-8 when it is valid UTF-8, Windows-1252 otherwise.
type decoder struct {
	name  string       // "" while undecided
	upper *[128]string // UTF-8 of the bytes from 0x80, nil for UTF-8; "": the byte means nothing
}

// newDecoder knows an encoding by one of its many names; "" is undecided. ISO-8859-1 is read as its superset
// Windows-1252, as browsers do.
func newDecoder(name string) (*decoder, error) {
	if name == "" {
		return &decoder{}, nil
	}
	key := encodingKey(name)
	if key == "utf8" || key == "65001" || key == "usascii" || key == "ascii" {
		return &decoder{name: utf8Name}, nil
	}
	key = codePageNoise.ReplaceAllString(key, "")
	page, ok := codePages[key]
	if !ok {
		return nil, invalid("use utf-8, windows-1252 or iso-8859-15, or convert the file with iconv",
			"text encoding %q is not known", name)
	}
	return charmapDecoder(page), nil
}

func encodingKey(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(name))
}

var codePageNoise = regexp.MustCompile(`^(windows|ansi|cp|oem|ibm|win|dos|iso)+`)

var codePages = map[string]*charmap.Charmap{
	"1252": charmap.Windows1252, "88591": charmap.Windows1252, "latin1": charmap.Windows1252, "l1": charmap.Windows1252,
	"":       charmap.Windows1252, // "ANSI"
	"885915": charmap.ISO8859_15, "latin9": charmap.ISO8859_15, "88592": charmap.ISO8859_2,
	"1250": charmap.Windows1250, "1251": charmap.Windows1251, "1253": charmap.Windows1253, "1254": charmap.Windows1254,
	"1255": charmap.Windows1255, "1256": charmap.Windows1256, "1257": charmap.Windows1257, "1258": charmap.Windows1258,
	"437": charmap.CodePage437, "850": charmap.CodePage850, "852": charmap.CodePage852, "858": charmap.CodePage858,
	"860": charmap.CodePage860, "863": charmap.CodePage863, "865": charmap.CodePage865, "866": charmap.CodePage866,
	"macroman": charmap.Macintosh, "macintosh": charmap.Macintosh, "10000": charmap.Macintosh,
}

func charmapDecoder(page *charmap.Charmap) *decoder {
	d := &decoder{name: strings.ReplaceAll(strings.ToLower(page.String()), " ", "-"), upper: new([128]string)}
	for i := range d.upper {
		switch r := page.DecodeByte(byte(128 + i)); {
		case r != utf8.RuneError:
			d.upper[i] = string(r)
		case page == charmap.Windows1252: // its five holes are controls of ISO-8859-1
			d.upper[i] = string(rune(128 + i))
		}
	}
	return d
}

// append adds src as UTF-8 to dst; false when src is no text in this encoding.
func (d *decoder) append(dst, src []byte) ([]byte, bool) {
	if ascii(src) {
		return append(dst, src...), true
	}
	if d.upper == nil {
		valid := utf8.Valid(src)
		if valid {
			d.name = utf8Name
			return append(dst, src...), true
		}
		if d.name != "" {
			return dst, false
		}
		*d = *charmapDecoder(charmap.Windows1252)
	}
	for _, c := range src {
		if c < utf8.RuneSelf {
			dst = append(dst, c)
			continue
		}
		s := d.upper[c-utf8.RuneSelf]
		if s == "" {
			return dst, false
		}
		dst = append(dst, s...)
	}
	return dst, true
}

func (d *decoder) string(src []byte) string {
	out, ok := d.append(nil, src)
	if !ok {
		return strings.ToValidUTF8(string(src), "\uFFFD")
	}
	return string(out)
}

// decide settles an undecided decoder from the first bytes of a file. One damaged line must not turn a UTF-8 file into
// Windows-1252, so valid sequences are weighed against stray bytes.
func (d *decoder) decide(sample []byte) {
	if d.name != "" {
		return
	}
	valid, stray := 0, 0
	for i := 0; i < len(sample); {
		if sample[i] < utf8.RuneSelf {
			i++
			continue
		}
		if !utf8.FullRune(sample[i:]) {
			break
		}
		r, size := utf8.DecodeRune(sample[i:])
		if r == utf8.RuneError && size == 1 {
			stray++
		} else {
			valid++
		}
		i += size
	}
	switch {
	case valid == 0 && stray == 0: // ASCII so far
	case valid >= stray:
		d.name = utf8Name
	default:
		*d = *charmapDecoder(charmap.Windows1252)
	}
}

const high8 = 0x8080808080808080

func ascii(s []byte) bool {
	for len(s) >= 8 {
		if binary.LittleEndian.Uint64(s)&high8 != 0 {
			return false
		}
		s = s[8:]
	}
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
