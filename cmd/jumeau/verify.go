package main

import (
	"cmp"
	"context"
	"fmt"

	"jumeau/model/release"
	"jumeau/model/store"
	"jumeau/model/verify"
)

// verifyVerb re-checks a release without the raw data.
type verifyVerb struct {
	ID     string `arg:"" optional:"" help:"Release id, or its beginning or end; default the current one."`
	folder `embed:""`
	Key    string `help:"Public key (PEM) that the release must be signed with; default the key beside the releases, which shows only that they are of one piece." type:"existingfile" placeholder:"FILE"`
	Ledger string `help:"Privacy ledger; default ${ledger} beside the releases." type:"existingfile" placeholder:"FILE"`
	Lang   string `help:"Language of what each check means: ${enum}." enum:"en,fr" default:"en"`
}

func (verifyVerb) Examples() string {
	return "jumeau verify --releases releases\n  jumeau verify 3f9c1a --releases releases --key release.pub --json"
}

func (v *verifyVerb) Run(a *app) error {
	report, err := v.report(a)
	if err != nil {
		return err
	}
	if v.JSON {
		if err := printJSON(a.out, report); err != nil {
			return err
		}
	} else {
		v.tell(a, report)
	}
	if !report.OK() {
		return shownError{}
	}
	return nil
}

func (v *verifyVerb) report(a *app) (*verify.Report, error) {
	id, err := release.Find(v.Releases, cmp.Or(v.ID, "current"))
	if err != nil {
		return nil, err
	}
	opt := verify.Options{Releases: v.Releases, ID: id, Ledger: v.Ledger, Database: describeDatabase}
	if v.Key != "" {
		if opt.Keys, err = release.ReadPublicKeys(v.Key); err != nil {
			return nil, err
		}
	}
	return verify.Run(a.ctx, opt)
}

func (v *verifyVerb) tell(a *app, report *verify.Report) {
	fmt.Fprintf(a.out, "%s\n\n", report.Release)
	for _, c := range report.Checks {
		mark := map[verify.State]string{verify.Passed: "✓", verify.Failed: "✗", verify.Nothing: "–"}[c.State]
		note := ""
		if c.Note != "" {
			note = " (" + c.Note + ")"
		}
		fmt.Fprintf(a.out, "%s %-9s  %s%s\n", mark, c.ID, c.Means.In(v.Lang), note)
		for _, found := range c.Found {
			fmt.Fprintf(a.out, "             %s\n", found)
		}
	}
	if v.Key == "" {
		fmt.Fprintln(a.out, "\nThe key is the one beside the releases: give --key, from another hand, to know who signed.")
	}
}

// describeDatabase looks at the schema of a release's database.
func describeDatabase(ctx context.Context, path string) (*verify.Database, error) {
	d, err := store.Describe(ctx, path)
	if err != nil {
		return nil, err
	}
	out := &verify.Database{Columns: map[string][]verify.Column{}, Explained: d.Explained}
	for _, c := range d.Columns {
		out.Columns[c.Table] = append(out.Columns[c.Table], verify.Column{Name: c.Column, Type: c.Type})
	}
	for _, f := range d.Figures {
		out.Figures = append(out.Figures, verify.Sum(f))
	}
	return out, nil
}
