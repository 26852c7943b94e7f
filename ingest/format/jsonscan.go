package format

// The scanners of JSON text work on bytes that end with a 0 (see window). Each takes the index of the first byte of a
// token and returns the index after it; with ok false, the index at which the text stops being JSON: when that is the
// index of the final 0, more bytes may help.

// maxDepth bounds the nesting of JSON values: deeper ones are no data.
const maxDepth = 64

func space(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t' {
		i++
	}
	return i
}

// stringEnd skips the string that starts at b[i]. Raw control characters are accepted: producers write them.
func stringEnd(b []byte, i int) (end int, escaped, ok bool) {
	for i++; ; i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1, escaped, true
		case c == '\\':
			escaped = true
			i++
			if b[i] == 0 {
				return i, escaped, false
			}
		case c == 0:
			return i, escaped, false
		}
	}
}

// numberEnd skips a number by the grammar of RFC 8259.
func numberEnd(b []byte, i int) (end int, ok bool) {
	if b[i] == '-' {
		i++
	}
	first := i
	if i = digits(b, i); i == first || b[first] == '0' && i > first+1 {
		return i, false
	}
	if b[i] == '.' {
		first = i + 1
		if i = digits(b, first); i == first {
			return i, false
		}
	}
	if b[i]|0x20 == 'e' {
		i++
		if b[i] == '+' || b[i] == '-' {
			i++
		}
		first = i
		if i = digits(b, i); i == first {
			return i, false
		}
	}
	return i, true
}

func digits(b []byte, i int) int {
	for b[i]-'0' <= 9 {
		i++
	}
	return i
}

// literals of JSON, and the three that Python writes although JSON has none; those mean "no value".
var literals = [...]string{"true", "false", "null", "NaN", "Infinity", "-Infinity"}

func literalEnd(b []byte, i int) (end int, ok bool) {
	far := i
	for _, l := range literals {
		n := 0
		for n < len(l) && b[i+n] == l[n] {
			n++
		}
		if n == len(l) {
			return i + n, true
		}
		far = max(far, i+n)
	}
	return far, false
}

// scalarEnd skips a number or a literal.
func scalarEnd(b []byte, i int) (end int, ok bool) {
	if c := b[i]; c-'0' <= 9 || c == '-' && b[i+1] != 'I' {
		return numberEnd(b, i)
	}
	return literalEnd(b, i)
}

// valueEnd skips any value.
func valueEnd(b []byte, i, depth int) (end int, ok bool) {
	switch b[i] {
	case '"':
		end, _, ok = stringEnd(b, i)
		return end, ok
	case '{':
		return objectEnd(b, i, depth)
	case '[':
		return arrayEnd(b, i, depth)
	}
	return scalarEnd(b, i)
}

func arrayEnd(b []byte, i, depth int) (end int, ok bool) {
	if depth >= maxDepth {
		return i, false
	}
	if i = space(b, i+1); b[i] == ']' {
		return i + 1, true
	}
	for {
		if i, ok = valueEnd(b, i, depth+1); !ok {
			return i, false
		}
		switch i = space(b, i); b[i] {
		case ',':
			i = space(b, i+1)
		case ']':
			return i + 1, true
		default:
			return i, false
		}
	}
}

func objectEnd(b []byte, i, depth int) (end int, ok bool) {
	if depth >= maxDepth {
		return i, false
	}
	return members(b, i, func(_, _, value int) (int, bool, bool) {
		end, ok := valueEnd(b, value, depth+1)
		return end, ok, false
	})
}

// members calls visit for each member of the object that starts at b[i], with the span of its key (without quotes) and
// the start of its value. visit returns the index after the value, or stops the walk.
func members(b []byte, i int, visit func(key, keyEnd, value int) (end int, ok, stop bool)) (end int, ok bool) {
	if i = space(b, i+1); b[i] == '}' {
		return i + 1, true
	}
	return membersFrom(b, i, visit)
}

// membersFrom is members from the key at b[i] on.
func membersFrom(b []byte, i int, visit func(key, keyEnd, value int) (end int, ok, stop bool)) (end int, ok bool) {
	for {
		key, keyEnd, value, ok := member(b, i)
		if !ok {
			return value, false
		}
		end, ok, stop := visit(key, keyEnd, value)
		if !ok || stop {
			return end, ok
		}
		if i, ok = memberEnd(b, end); !ok {
			return i, false
		}
		if b[i-1] == '}' {
			return i, true
		}
	}
}

// member reads a key and its colon.
func member(b []byte, i int) (key, keyEnd, value int, ok bool) {
	if b[i] != '"' {
		return 0, 0, i, false
	}
	end, _, ok := stringEnd(b, i)
	if !ok {
		return 0, 0, end, false
	}
	value = space(b, end)
	if b[value] != ':' {
		return 0, 0, value, false
	}
	return i + 1, end - 1, space(b, value+1), true
}

// memberEnd reads the comma or the brace behind a member's value; after a comma it goes on to the next key.
func memberEnd(b []byte, i int) (next int, ok bool) {
	switch i = space(b, i); b[i] {
	case ',':
		i = space(b, i+1)
		return i, b[i] != '}'
	case '}':
		return i + 1, true
	}
	return i, false
}

var bracket = func() (c [256]int8) {
	c['{'], c['['], c['}'], c[']'], c['"'], c[0] = 1, 1, -1, -1, 2, 3
	return c
}()

// balanced finds the end of an object or array by its brackets alone, without looking at what is in it.
func balanced(b []byte, i int) (end int, ok bool) {
	depth := 0
	for {
		for bracket[b[i]] == 0 {
			i++
		}
		switch bracket[b[i]] {
		case 1:
			depth++
		case -1:
			if depth--; depth <= 0 {
				return i + 1, true
			}
		case 2:
			end, _, ok := stringEnd(b, i)
			if !ok {
				return end, false
			}
			i = end - 1
		case 3:
			return i, false
		}
		i++
	}
}
