package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"jumeau/batch"
	"jumeau/data/demo/generate"
	"jumeau/model"
)

// demoVerb goes from nothing to a map in the browser.
type demoVerb struct {
	Addr   string `help:"Address to serve at." default:"127.0.0.1:8080"`
	Dir    string `help:"Folder for the generated files and the releases; made when absent." default:"jumeau-demo" placeholder:"DIR"`
	Seed   uint64 `help:"Another seed gives another territory." default:"1"`
	People bool   `help:"Also write the files about simulated persons (raw-people/) and bring them through the gate." default:"true" negatable:""`
	Build  bool   `help:"Generate and publish, and do not serve."`
}

func (demoVerb) Examples() string {
	return "jumeau demo\n  jumeau demo --seed 7 --dir /tmp/other --addr 127.0.0.1:8090"
}

func (v *demoVerb) Run(a *app) error {
	if err := os.MkdirAll(v.Dir, 0o755); err != nil {
		return &model.Error{Kind: model.Unavailable, Op: "demo", Subject: v.Dir, Err: err, Hint: "give another folder, one that you may write to: --dir DIR"}
	}
	if err := v.generate(a); err != nil {
		return err
	}
	opened, err := openBuiltIn(a, "demo")
	if err != nil {
		return err
	}
	defer opened.close()
	t, folder := opened.territory, opened.folder
	if err := a.quiet(t.Sources...); err != nil {
		return err
	}
	releases := filepath.Join(v.Dir, "releases")
	fmt.Fprintln(a.errOut, "Reading its sources and publishing a release…")
	progress := newProgress(os.Stderr, false)
	result, err := batch.Run(a.ctx, batch.Options{Territory: t, Releases: releases, Folders: []string{v.Dir, folder}, Version: version,
		Program: program(), Progress: progress, Log: a.log})
	progress.close()
	if err != nil {
		return err
	}
	showAccount(a, result)
	if v.Build {
		fmt.Fprintf(a.out, "Serve it: jumeau serve --releases %s\n", releases)
		return nil
	}
	return (&serveVerb{Releases: releases, Addr: v.Addr, Audience: "public", Cache: 64}).Run(a)
}

// made says with what the files in a folder were generated, so that they are not generated again.
type made struct {
	Seed    uint64 `json:"seed"`
	People  bool   `json:"people"`
	Version string `json:"version"`
}

// generate writes the raw files, unless the same ones are there. A development build always writes them.
func (v *demoVerb) generate(a *app) error {
	stamp := filepath.Join(v.Dir, "generated.json")
	want := made{v.Seed, v.People, version}
	var have made
	if text, err := os.ReadFile(stamp); err == nil && json.Unmarshal(text, &have) == nil && have == want && version != "development" {
		return nil
	}
	os.Remove(stamp) // absent at first; what matters is written below
	start := time.Now()
	fmt.Fprintln(a.errOut, "Generating the demonstration territory (synthetic: every figure is invented)…")
	report, err := generate.Generate(a.ctx, v.Dir, generate.Options{Seed: v.Seed, People: v.People,
		Progress: func(stage string) { a.log.Info("generating", "stage", stage) }})
	if err != nil {
		return err
	}
	var bytes int64
	for _, f := range report.Files {
		bytes += f.Bytes
	}
	fmt.Fprintf(a.errOut, "%d files, %s, in %.1f s, below %s\n", len(report.Files), size(bytes), time.Since(start).Seconds(), v.Dir)
	text, err := json.Marshal(want)
	if err != nil {
		return err
	}
	return os.WriteFile(stamp, text, 0o644)
}
