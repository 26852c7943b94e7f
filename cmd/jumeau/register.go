package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"jumeau/model"
	"jumeau/model/register"
	"jumeau/model/release"
	"jumeau/model/verify"
)

// registerVerb writes the register of processing and the skeleton of the impact assessment of a release.
type registerVerb struct {
	ID       string `arg:"" optional:"" help:"Release id, or its beginning or end; default the current one."`
	Releases string `required:"" help:"Folder of releases." type:"existingdir" placeholder:"DIR"`
	Out      string `short:"o" required:"" help:"Folder to write into; made when absent." placeholder:"DIR"`
	Attacks  string `help:"What jumeau attack --json printed, for the risks in raw data." type:"existingfile" placeholder:"FILE"`
}

func (registerVerb) Examples() string {
	return "jumeau register --releases releases -o register\n  jumeau attack --releases demo/releases --json > attacks.json && jumeau register --releases demo/releases -o register --attacks attacks.json"
}

func (v *registerVerb) Run(a *app) error {
	id, err := release.Find(v.Releases, cmp.Or(v.ID, "current"))
	if err != nil {
		return err
	}
	r, err := release.Open(v.Releases, id)
	if err != nil {
		return err
	}
	in := register.Input{Manifest: r.Manifest}
	if in.Cards, err = verify.CardsOf(r.Dir); err != nil {
		return err
	}
	if in.Report, err = verify.Run(a.ctx, verify.Options{Releases: v.Releases, ID: id, Database: describeDatabase}); err != nil {
		return err
	}
	if in.Raw, err = rawRisks(v.Attacks); err != nil {
		return err
	}
	documents, err := register.Documents(in)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(v.Out, 0o755); err != nil {
		return err
	}
	for _, d := range documents {
		path := filepath.Join(v.Out, d.Name)
		if err := os.WriteFile(path, d.Text, 0o644); err != nil {
			return err
		}
		fmt.Fprintln(a.out, path)
	}
	return nil
}

// rawRisks reads what attacks did to raw data out of the JSON of attack.
func rawRisks(path string) (out []register.Raw, err error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var told struct {
		Attacks []struct {
			Raw []register.Raw `json:"raw"`
		} `json:"attacks"`
	}
	if err := json.Unmarshal(text, &told); err != nil {
		return nil, &model.Error{Kind: model.Invalid, Op: "read", Subject: path, Err: err, Hint: "give what `jumeau attack --json` printed"}
	}
	for _, t := range told.Attacks {
		out = append(out, t.Raw...)
	}
	return out, nil
}
