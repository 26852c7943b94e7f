package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"jumeau": main})
}

// The scripts of testdata/script are command lines and what they must print. JUMEAU_UPDATE=1 rewrites what they compare.
func TestCommandLines(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("JUMEAU_UPDATE") != "",
	})
}
