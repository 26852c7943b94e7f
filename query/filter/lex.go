package filter

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error says what is wrong with a filter, and where.
type Error struct {
	Position int      // of the first character that is wrong, from 1
	Problem  string   // "a text in single quotes is expected"
	Hint     string   // what to try
	Name     string   // the name that is not a property, or ""
	Known    []string // then the properties there are
}

func (e *Error) Error() string {
	return "at character " + strconv.Itoa(e.Position) + ": " + e.Problem
}

// kind of a token.
type kind uint8

const (
	end kind = iota
	word
	quoted // a name in double quotes
	text
	number
	sign
)

type token struct {
	kind kind
	at   int    // byte offset
	text string // the word as written; the text without quotes; the number; the sign
}

// is says whether the token is a keyword.
func (t token) is(keyword string) bool { return t.kind == word && strings.EqualFold(t.text, keyword) }

type lexer struct {
	in string
	at int
}

// fail makes an error at a byte offset.
func (l *lexer) fail(at int, problem, hint string) *Error {
	return &Error{Position: utf8.RuneCountInString(l.in[:at]) + 1, Problem: problem, Hint: hint}
}

func (l *lexer) next() (token, error) {
	for l.at < len(l.in) && strings.IndexByte(" \t\r\n", l.in[l.at]) >= 0 {
		l.at++
	}
	at := l.at
	if at == len(l.in) {
		return token{kind: end, at: at}, nil
	}
	switch c := l.in[at]; {
	case c == '\'':
		s, err := l.quoted('\'')
		return token{text, at, s}, err
	case c == '"':
		s, err := l.quoted('"')
		return token{quoted, at, s}, err
	case c >= '0' && c <= '9', c == '.', (c == '-' || c == '+') && at+1 < len(l.in) && strings.IndexByte("0123456789.", l.in[at+1]) >= 0:
		return l.number()
	case strings.IndexByte("()=,", c) >= 0:
		l.at++
		return token{sign, at, l.in[at:l.at]}, nil
	case c == '<' || c == '>':
		l.at++
		if l.at < len(l.in) && (l.in[l.at] == '=' || c == '<' && l.in[l.at] == '>') {
			l.at++
		}
		return token{sign, at, l.in[at:l.at]}, nil
	}
	for l.at < len(l.in) {
		r, size := utf8.DecodeRuneInString(l.in[l.at:])
		if r != '_' && !unicode.IsLetter(r) && (l.at == at || !unicode.IsDigit(r)) {
			break
		}
		l.at += size
	}
	if l.at == at {
		r, _ := utf8.DecodeRuneInString(l.in[at:])
		return token{}, l.fail(at, strconv.QuoteRune(r)+" means nothing here", "texts are in single quotes; comparisons are = <> < <= > >=")
	}
	return token{word, at, l.in[at:l.at]}, nil
}

// quoted reads up to the closing quote; a doubled one stands for itself.
func (l *lexer) quoted(quote byte) (string, error) {
	at := l.at
	var b strings.Builder
	for l.at++; l.at < len(l.in); l.at++ {
		if l.in[l.at] != quote {
			b.WriteByte(l.in[l.at])
			continue
		}
		if l.at++; l.at == len(l.in) || l.in[l.at] != quote {
			return b.String(), nil
		}
		b.WriteByte(quote)
	}
	return "", l.fail(at, "the quote is not closed", "close it; write it twice where it is part of the text")
}

func (l *lexer) number() (token, error) {
	at := l.at
	for l.at++; l.at < len(l.in); l.at++ {
		c := l.in[l.at]
		if (c < '0' || c > '9') && c != '.' && c != 'e' && c != 'E' && !(strings.IndexByte("+-", c) >= 0 && l.in[l.at-1]|' ' == 'e') {
			break
		}
	}
	s := l.in[at:l.at]
	if _, err := strconv.ParseFloat(s, 64); err != nil {
		return token{}, l.fail(at, s+" is not a number", "write numbers as 12, -3.5 or 1e6")
	}
	return token{number, at, s}, nil
}
