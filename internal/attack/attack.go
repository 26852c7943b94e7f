package attack

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"

	"jumeau/model"
)

// Options of Run.
type Options struct {
	K              int     // Required: of the release
	Epsilon, Delta float64 // Required
	L0             int     // default 4
	Seed           uint64  // of the attacker's choices; the gate's noise is the system's
	Runs           int     // of the gate, for attacks that repeat it; default 20
	Targets        int     // persons attacked in a run; default 400
	Sample         int     // persons of the attacks on trajectories; default 300
	Progress       func(name string)
}

// Result of one attack.
type Result struct {
	Test      string     `json:"test"` // of the gate's specification
	Name      string     `json:"name"`
	What      model.Text `json:"what"`      // the attack, in a sentence
	Measure   model.Text `json:"measure"`   // what the numbers are
	Gate      float64    `json:"gate"`      // against the gate
	Redaction float64    `json:"redaction"` // against the plain redaction
	Bound     float64    `json:"bound"`     // that Gate may not exceed
	Slack     float64    `json:"slack"`     // statistical error of Gate, three standard deviations
	Trials    int        `json:"trials"`
	Broken    bool       `json:"redaction_broken"` // the same attack breaks the redaction
	Held      bool       `json:"held"`
	Note      model.Text `json:"note,omitzero"`
	Raw       []Raw      `json:"raw,omitempty"` // the same attack on the raw rows, for the impact assessment
}

// Raw is what an attack would do to the raw rows.
type Raw struct {
	Name  model.Text `json:"name"`
	Value float64    `json:"value"`
}

func (r *Result) judge() *Result {
	r.Held = r.Gate <= r.Bound+r.Slack+1e-12
	r.Broken = r.Redaction > r.Bound+r.Slack
	return r
}

// GuessBound is the greatest chance of a right guess about one person, from even odds: e^epsilon / (1 + e^epsilon) + delta.
func GuessBound(epsilon, delta float64) float64 { return min(1, 1/(1+math.Exp(-epsilon))+delta) }

func threeSigma(p float64, n int) float64 { return 3 * math.Sqrt(p*(1-p)/float64(max(1, n))) }

func set[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}

// RedactionLimit is the greatest count that the plain redaction drops.
const RedactionLimit = 15

// suite is one run of all attacks.
type suite struct {
	Options
	town   *Town
	tables []Table
	gate   *Gate
	plain  Redaction
	random *rand.Rand
}

// Run plays every attack on a town.
func Run(ctx context.Context, town *Town, opt Options) ([]*Result, error) {
	set(&opt.Runs, 20)
	set(&opt.Targets, 400)
	set(&opt.Sample, 300)
	set(&opt.L0, 4)
	dir, err := os.MkdirTemp("", "jumeau-attack-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s := &suite{Options: opt, town: town, tables: town.Tables(), plain: Redaction{RedactionLimit}, random: rand.New(rand.NewPCG(opt.Seed, 7)),
		gate: &Gate{K: opt.K, Epsilon: opt.Epsilon, Delta: opt.Delta, L0: opt.L0, Dir: dir}}
	var out []*Result
	for _, a := range []struct {
		name string
		play func(context.Context) ([]*Result, error)
	}{
		{"membership", s.membership}, {"differencing", s.differencing}, {"reconstruction", s.reconstruction}, {"averaging", s.averaging},
		{"uniqueness", s.uniqueness}, {"trajectories", s.trajectories}, {"homogeneity", s.homogeneity},
	} {
		if opt.Progress != nil {
			opt.Progress(a.name)
		}
		results, err := a.play(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.name, err)
		}
		for _, r := range results {
			out = append(out, r.judge())
		}
	}
	return out, ctx.Err()
}
