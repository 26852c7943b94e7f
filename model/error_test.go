package model

import (
	"errors"
	"fmt"
	"os"
	"testing"
)

func TestErrorAnswersItsFourQuestions(t *testing.T) {
	inner := &Error{Kind: NotFound, Op: "read", Subject: "stops.txt", Hint: "put the file there", Err: os.ErrNotExist}
	err := fmt.Errorf("run: %w", &Error{Kind: Invalid, Op: "load", Subject: "stops", Err: inner})
	if got := err.Error(); got != "run: load stops: read stops.txt: file does not exist" {
		t.Errorf("text %q", got)
	}
	if KindOf(err) != Invalid || KindOf(inner) != NotFound || KindOf(errors.New("x")) != Internal {
		t.Error("the kind is that of the outermost Error")
	}
	if HintOf(err) != "put the file there" || HintOf(errors.New("x")) != "" {
		t.Error("the hint is the first in the chain")
	}
	if !errors.Is(err, os.ErrNotExist) {
		t.Error("the cause is lost")
	}
}
