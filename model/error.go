package model

import (
	"errors"
	"strings"
)

// Kind is the class of an Error: what its reader can do about it.
type Kind uint8

const (
	Internal    Kind = iota // a fault of ours
	Invalid                 // the input, the declaration or the request is wrong
	NotFound                // there is no such thing
	Withheld                // suppressed for privacy: an answer, not a failure
	Unavailable             // try again later
)

func (k Kind) String() string {
	return [...]string{"internal", "invalid", "not_found", "withheld", "unavailable"}[k]
}

// Error answers four questions: what class of error, doing what, to what, and what to try.
type Error struct {
	Kind    Kind
	Op      string // what was being done: "read", "publish", "tile"
	Subject string // to which source, layer, file or tile
	Hint    string // what to try; shown after "Try: "
	Err     error
}

func (e *Error) Error() string {
	parts := make([]string, 0, 3)
	for _, s := range []string{e.Op, e.Subject} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	text := strings.Join(parts, " ")
	if e.Err == nil {
		return text
	}
	if text == "" {
		return e.Err.Error()
	}
	return text + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of the outermost Error in err's chain; Internal when there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// HintOf is the first hint in err's chain, or "".
func HintOf(err error) string {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}
