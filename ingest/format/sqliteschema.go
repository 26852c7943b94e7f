package format

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
)

// sqliteSchema is what a CREATE TABLE statement says of a table.
type sqliteSchema struct {
	name    string
	root    uint32 // 0: a view or a virtual table
	view    bool
	columns []sqliteColumn
	rowid   int // the column that is the rowid, -1
	without bool
}

type sqliteColumn struct {
	name     string
	kind     string // as declared, upper case
	fallback sqliteValue
	virtual  bool // computed when asked for: not in the record
}

func (s *sqliteSchema) column(name string) int {
	for i, c := range s.columns {
		if strings.EqualFold(c.name, name) {
			return i
		}
	}
	return -1
}

// schema reads the database's own table of tables.
func (db *sqlite) schema() (map[string]*sqliteSchema, error) {
	out := map[string]*sqliteSchema{}
	err := db.each(1, func(_ int64, v []sqliteValue) error {
		if len(v) < 5 {
			return errSQLite
		}
		kind, name := db.text(v[0]), db.text(v[1])
		if kind != "table" && kind != "view" {
			return nil
		}
		s := &sqliteSchema{name: name, view: kind == "view", rowid: -1}
		if v[3].kind == sqliteInt && v[3].i > 0 {
			s.root = uint32(v[3].i)
		}
		if !s.view {
			s.parse(db.text(v[4]))
		}
		out[strings.ToLower(name)] = s
		return nil
	})
	return out, err
}

// each calls visit with every row of the table whose b-tree starts at root.
func (db *sqlite) each(root uint32, visit func(rowid int64, v []sqliteValue) error) error {
	t := db.table(root)
	var values []sqliteValue
	for {
		rowid, record, err := t.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			values, err = db.values(record, values[:0])
		}
		if err == nil {
			err = visit(rowid, values)
		}
		if err != nil {
			return err
		}
	}
}

// text is a value as text; UTF-16 is converted.
func (db *sqlite) text(v sqliteValue) string {
	switch v.kind {
	case sqliteInt:
		return itoa(v.i)
	case sqliteFloat:
		return strconv.FormatFloat(v.f, 'g', -1, 64)
	case sqliteText:
		return string(db.utf8(v.b))
	}
	return ""
}

func (db *sqlite) utf8(b []byte) []byte {
	if db.utf16 == nil {
		return b
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = db.utf16.Uint16(b[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// sqlWords splits a statement into words, quoted names, literals and signs. A quoted name loses its quotes and begins with
// a byte 1, a text literal with a byte 2, so that neither is taken for a keyword.
func sqlWords(s string) []string {
	var out []string
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c <= ' ':
			i++
		case c == '-' && strings.HasPrefix(s[i:], "--"):
			n := strings.IndexByte(s[i:], '\n')
			if n < 0 {
				return out
			}
			i += n
		case c == '/' && strings.HasPrefix(s[i:], "/*"):
			n := strings.Index(s[i:], "*/")
			if n < 0 {
				return out
			}
			i += n + 2
		case c == '"' || c == '`' || c == '[' || c == '\'':
			word, end := sqlQuoted(s, i)
			out = append(out, word)
			i = end
		case strings.IndexByte("(),;", c) >= 0:
			out = append(out, s[i:i+1])
			i++
		default:
			end := i + 1
			for end < len(s) && s[end] > ' ' && strings.IndexByte("(),;\"`['", s[end]) < 0 {
				end++
			}
			out = append(out, s[i:end])
			i = end
		}
	}
	return out
}

func sqlQuoted(s string, i int) (word string, end int) {
	open, closing := s[i], s[i]
	mark := byte(1)
	switch open {
	case '[':
		closing = ']'
	case '\'':
		mark = 2
	}
	b := []byte{mark}
	for i++; i < len(s); i++ {
		if s[i] == closing {
			if open == '[' || i+1 >= len(s) || s[i+1] != closing {
				return string(b), i + 1
			}
			i++
		}
		b = append(b, s[i])
	}
	return string(b), i
}

func sqlName(word string) string { return strings.TrimLeft(word, "\x01\x02") }

// parse reads CREATE TABLE name (column, …, constraint, …) [WITHOUT ROWID].
func (s *sqliteSchema) parse(statement string) {
	words := sqlWords(statement)
	i := 0
	for i < len(words) && words[i] != "(" {
		i++
	}
	depth, start := 0, i+1
	for ; i < len(words); i++ {
		switch words[i] {
		case "(":
			depth++
			continue
		case ")":
			depth--
		case ",":
			if depth > 1 {
				continue
			}
		default:
			continue
		}
		if depth == 0 || words[i] == "," {
			s.definition(words[start:i])
			start = i + 1
		}
		if depth == 0 {
			break
		}
	}
	for ; i+1 < len(words); i++ {
		s.without = s.without || strings.EqualFold(words[i], "WITHOUT") && strings.EqualFold(words[i+1], "ROWID")
	}
}

// definition reads one column, or the table constraint that names the rowid.
func (s *sqliteSchema) definition(words []string) {
	if len(words) == 0 || len(s.columns) >= sqliteColumns {
		return
	}
	switch strings.ToUpper(words[0]) {
	case "CONSTRAINT", "UNIQUE", "CHECK", "FOREIGN":
		if len(words) > 2 && strings.EqualFold(words[0], "CONSTRAINT") {
			s.definition(words[2:])
		}
		return
	case "PRIMARY":
		if len(words) == 5 && words[2] == "(" {
			if c := s.column(sqlName(words[3])); c >= 0 && s.columns[c].kind == "INTEGER" {
				s.rowid = c
			}
		}
		return
	}
	col := sqliteColumn{name: sqlName(words[0])}
	k, kind := 1, []string(nil)
	for ; k < len(words) && !sqlConstraint(words[k]); k++ {
		kind = append(kind, sqlName(words[k]))
	}
	col.kind = strings.ToUpper(strings.Join(kind, " "))
	for ; k < len(words); k++ {
		switch strings.ToUpper(words[k]) {
		case "PRIMARY":
			if col.kind == "INTEGER" {
				s.rowid = len(s.columns)
			}
		case "VIRTUAL":
			col.virtual = true
		case "DEFAULT":
			if k+1 < len(words) {
				col.fallback = sqlLiteral(words[k+1])
				k++
			}
		case "AS":
			col.virtual = true
		case "STORED":
			col.virtual = false
		}
	}
	s.columns = append(s.columns, col)
}

func sqlConstraint(word string) bool {
	switch strings.ToUpper(word) {
	case "CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED", "AS":
		return true
	}
	return false
}

func sqlLiteral(word string) sqliteValue {
	if word[0] == 2 || word[0] == 1 {
		return sqliteValue{kind: sqliteText, b: []byte(sqlName(word))}
	}
	if i, err := strconv.ParseInt(word, 10, 64); err == nil {
		return sqliteValue{kind: sqliteInt, i: i}
	}
	if f, err := strconv.ParseFloat(word, 64); err == nil {
		return sqliteValue{kind: sqliteFloat, f: f}
	}
	return sqliteValue{}
}

// sqliteAffinity is the kind of a declared type (https://www.sqlite.org/datatype3.html, 3.1), as GeoPackage names them.
func sqliteAffinity(declared string) sqliteKind {
	switch {
	case strings.Contains(declared, "INT"):
		return sqliteInt
	case strings.Contains(declared, "CHAR"), strings.Contains(declared, "CLOB"), strings.Contains(declared, "TEXT"):
		return sqliteText
	case strings.Contains(declared, "BLOB"):
		return sqliteBlob
	case strings.Contains(declared, "REAL"), strings.Contains(declared, "FLOA"), strings.Contains(declared, "DOUB"):
		return sqliteFloat
	}
	return sqliteText
}
