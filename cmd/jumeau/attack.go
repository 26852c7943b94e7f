package main

import (
	"cmp"
	"fmt"

	"jumeau/data/demo/place"
	"jumeau/internal/attack"
	"jumeau/model/release"
	"jumeau/model/verify"
)

// attackVerb plays the attacker of a release of the demonstration territory, whose truth is known because it is invented.
type attackVerb struct {
	ID      string `arg:"" optional:"" help:"Release id, or its beginning or end; default the current one."`
	folder  `embed:""`
	Seed    uint64  `help:"Seed of the demonstration territory." default:"1"`
	Runs    int     `help:"How often the gate is run, for attacks on repeated publication." default:"20"`
	Targets int     `help:"Persons attacked in each run." default:"400"`
	Epsilon float64 `help:"Privacy loss to attack; default that of the release's privacy cards, else ${epsilon}."`
	K       int     `help:"Least number of persons behind a figure; default that of the release's privacy cards, else ${k}."`
	Lang    string  `help:"Language of what each attack is: ${enum}." enum:"en,fr" default:"en"`
}

// Defaults of territory.yaml, for releases without a source about persons.
const (
	defaultK       = 20
	defaultEpsilon = 1.0
	defaultDelta   = 1e-6
)

func (attackVerb) Examples() string {
	return "jumeau demo --build --dir demo && jumeau attack --releases demo/releases\n  jumeau attack current --releases demo/releases --runs 100 --json"
}

// attacked is the JSON of attack.
type attacked struct {
	Release   string           `json:"release"`
	Residents int              `json:"residents"`
	K         int              `json:"k"`
	Epsilon   float64          `json:"epsilon"`
	Delta     float64          `json:"delta"`
	Attacks   []*attack.Result `json:"attacks"`
}

func (v *attackVerb) Run(a *app) error {
	id, err := release.Find(v.Releases, cmp.Or(v.ID, "current"))
	if err != nil {
		return err
	}
	r, err := release.Open(v.Releases, id)
	if err != nil {
		return err
	}
	out, err := v.play(a, r)
	if err != nil {
		return err
	}
	if v.JSON {
		err = printJSON(a.out, out)
	} else {
		err = v.tell(a, out)
	}
	for _, one := range out.Attacks {
		if err == nil && !one.Held {
			err = shownError{}
		}
	}
	return err
}

func (v *attackVerb) play(a *app, r *release.Release) (*attacked, error) {
	out := &attacked{Release: r.Manifest.ID, K: defaultK, Epsilon: defaultEpsilon, Delta: defaultDelta}
	cards, err := verify.CardsOf(r.Dir)
	if err != nil {
		return nil, err
	}
	for _, c := range cards {
		if c.Class == "C" {
			out.K, out.Epsilon, out.Delta = c.K, c.Epsilon, c.Delta
		}
	}
	out.K, out.Epsilon = cmp.Or(v.K, out.K), cmp.Or(v.Epsilon, out.Epsilon)
	if err := attack.Invented(r); err != nil {
		return nil, err
	}
	fmt.Fprintf(a.errOut, "Inventing the territory of seed %d again, to know the truth…\n", v.Seed)
	truth := attack.OfWorld(place.New(place.Options{Seed: v.Seed}))
	if err := truth.Check(r); err != nil {
		return nil, err
	}
	out.Residents = truth.Town.Persons()
	if out.Attacks, err = truth.Files(r, cards); err != nil {
		return nil, err
	}
	rest, err := attack.Run(a.ctx, truth.Town, attack.Options{K: out.K, Epsilon: out.Epsilon, Delta: out.Delta, Seed: v.Seed, Runs: v.Runs, Targets: v.Targets,
		Progress: func(name string) { fmt.Fprintf(a.errOut, "Attack: %s…\n", name) }})
	out.Attacks = append(out.Attacks, rest...)
	return out, err
}

func (v *attackVerb) tell(a *app, out *attacked) error {
	fmt.Fprintf(a.out, "%s: %d invented residents, k = %d, epsilon = %g, delta = %g\n\n", out.Release, out.Residents, out.K, out.Epsilon, out.Delta)
	w := table(a.out)
	fmt.Fprintln(w, "test\tattack\tpublished\tbound\tplain redaction\ttrials\t")
	for _, r := range out.Attacks {
		verdict := "held"
		switch {
		case !r.Held:
			verdict = "BROKEN"
		case r.Trials == 0:
			verdict = "held: nothing to try"
		}
		if r.Broken {
			verdict += ", redaction broken"
		}
		slack := ""
		if r.Slack > 0 {
			slack = fmt.Sprintf(" ± %.3f", r.Slack)
		}
		fmt.Fprintf(w, "%s\t%s\t%.3f\t≤ %.3f%s\t%.3f\t%d\t%s\n", r.Test, r.Name, r.Gate, r.Bound, slack, r.Redaction, r.Trials, verdict)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range out.Attacks {
		fmt.Fprintf(a.out, "\n%s %s. %s\n  Figures: %s.\n", r.Test, r.Name, r.What.In(v.Lang), r.Measure.In(v.Lang))
		if note := r.Note.In(v.Lang); note != "" {
			fmt.Fprintf(a.out, "  %s\n", note)
		}
	}
	fmt.Fprintf(a.out, "\nThe redaction drops counts up to %d and publishes exact totals.\n", attack.RedactionLimit)
	return nil
}
