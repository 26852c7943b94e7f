package main

import (
	"fmt"
	"os"
	"slices"
	"syscall"

	"jumeau/ingest"
	"jumeau/model"
)

// keepStderr gives messages a descriptor of their own, so that quiet can close the one to which Go and C write by themselves.
func keepStderr() error {
	fd, err := syscall.Dup(int(os.Stderr.Fd()))
	if err != nil {
		return err
	}
	syscall.CloseOnExec(fd)
	os.Stderr = os.NewFile(uintptr(fd), "/dev/stderr")
	return nil
}

// quiet is called before a row about people is read. What Go prints of a program that fails, or is stopped with SIGQUIT, shows the
// arguments of functions and the registers in hexadecimal, an identifier among them, whatever GOTRACEBACK says. From here on that
// goes nowhere: such a program ends without a word, with exit code 2. Messages and the log are not touched.
func (a *app) quiet(sources ...*model.Source) error {
	if !slices.ContainsFunc(sources, ingest.AboutPeople) || a.errOut != os.Stderr { // else in a test, whose standard error is not ours
		return nil
	}
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err == nil {
		err = redirect(int(nowhere.Fd()), 2)
	}
	if err != nil {
		return &model.Error{Kind: model.Unavailable, Op: "read rows about people", Subject: os.DevNull, Err: fmt.Errorf("traces of a crash cannot be turned off: %w", err),
			Hint: "they could show identifiers; run where " + os.DevNull + " can be opened"}
	}
	return nowhere.Close()
}
