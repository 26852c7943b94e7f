package batch

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"jumeau/batch/reuse"
	"jumeau/ingest"
	"jumeau/ingest/gate/ledger"
	"jumeau/model"
)

// What a run would do with a part of a release.
const (
	Reuse    = "reuse"     // nothing that it follows from has changed
	Read     = "read"      // a source: its rows
	Fetch    = "fetch"     // a source: its file first, then its rows
	Grow     = "append"    // a source: the rows that its file grew by
	Make     = "make"      // a measure, flow or layer
	MayMake  = "maybe"     // as Make, if the zones change with what they are made of
	Draw     = "draw"      // figures about people, which is charged
	Carry    = "carry"     // figures about people that were charged before
	LeaveOut = "leave out" // it is not there, and need not be
	Stop     = "stop"      // the run would end with an error
)

// Step is what a run would do with one part of a release, and why.
type Step struct {
	Kind    string   `json:"kind"` // source, people, measure, flow, layer
	ID      string   `json:"id"`
	Do      string   `json:"do"`
	Why     []string `json:"why"`
	Files   int      `json:"files"`
	Bytes   int64    `json:"bytes"`             // of those files
	Rows    int64    `json:"rows"`              // loaded by the last run that read them
	Seconds float64  `json:"seconds,omitempty"` // that making it took last time; 0: not known
	Due     *Due     `json:"due,omitempty"`     // of people: the privacy budget
}

// Preview is what a run would do.
type Preview struct {
	Territory string  `json:"territory"`
	Nothing   bool    `json:"nothing"` // the release that is there would be confirmed
	Release   string  `json:"release,omitempty"`
	Steps     []Step  `json:"steps"`
	Stops     int     `json:"stops"`   // steps that would end the run
	Seconds   float64 `json:"seconds"` // of the steps whose time is known
	Unknown   int     `json:"unknown"` // steps to do whose time is not known
}

// LookAhead says what a run would do: it hashes files that may be the ones read last, and reads no row. To be is what a fetch would
// bring, by source: a sentence for sources whose file would come from an address.
func LookAhead(ctx context.Context, opt Options, toBe map[string]string) (*Preview, error) {
	sources, err := ingest.Order(opt.Territory)
	if err != nil {
		return nil, err
	}
	p := &previewer{Preview: &Preview{Territory: opt.Territory.ID, Steps: []Step{}}, toBe: toBe,
		run: &run{Options: opt, tracer: newTracer(opt.Territory, cmp.Or(opt.Program, opt.Version)), known: map[string]*knownSource{},
			ledger: ledger.At(filepath.Join(opt.Releases, LedgerName)), kept: reuse.Open(filepath.Join(opt.Releases, KeptName))}}
	if p.clock, err = time.LoadLocation(opt.Territory.TimeZone); err != nil {
		return nil, err
	}
	var open []*model.Source
	for _, src := range sources {
		if ingest.AboutPeople(src) {
			p.people = append(p.people, src)
		} else {
			open = append(open, src)
		}
	}
	if err := p.look(ctx, open); err != nil {
		return nil, err
	}
	for _, src := range open {
		p.openSource(ctx, src)
	}
	for _, src := range p.people {
		if err := p.peopleSource(src); err != nil {
			return nil, err
		}
	}
	p.zones()
	for _, src := range open {
		p.figures(src)
	}
	for _, l := range opt.Territory.Layers {
		p.layer(l)
	}
	return p.Preview, p.settle(open)
}

type previewer struct {
	*Preview
	*run
	toBe  map[string]string
	moved map[string]string // zone systems that may change, and why
}

func (p *previewer) add(s Step) {
	if s.Why == nil {
		s.Why = []string{}
	}
	p.Steps = append(p.Steps, s)
	switch s.Do {
	case Stop:
		p.Stops++
	case Read, Fetch, Grow, Make, MayMake:
		if p.Preview.Seconds += s.Seconds; s.Seconds == 0 {
			p.Unknown++
		}
	}
}

func (p *previewer) openSource(ctx context.Context, src *model.Source) {
	k := p.known[src.ID]
	s := Step{Kind: "source", ID: src.ID, Do: Read, Files: len(k.files)}
	for _, f := range k.files {
		s.Bytes += f.Bytes
	}
	if last := p.kept.Latest(keptSource, src.ID); last != nil {
		var n keptAccount
		if last.Read(&n) == nil {
			s.Rows, s.Seconds = n.Loaded, last.Seconds
		}
	}
	toBe := p.toBe[src.ID]
	switch {
	case len(k.files) == 0 && toBe != "":
		s.Do, s.Why = Fetch, []string{toBe}
		p.tracer.sources[src.ID] = "to be fetched"
	case len(k.files) == 0:
		_, err := p.ingestOptions().Find(src)
		if s.Do, s.Why = Stop, []string{"would stop the run: " + fmt.Sprint(err)}; src.Optional && ingest.IsAbsent(err) {
			s.Do, s.Why = LeaveOut, []string{"absent, optional: left out"}
		}
	case k.entry != nil && !p.Full:
		s.Do = Reuse
	default:
		if by := p.growth(ctx, src); by > 0 {
			s.Do, s.Seconds = Grow, s.Seconds*float64(by)/float64(s.Bytes)
		}
		for i := range k.files { // a hash that no file has: it is not as it was
			k.files[i].SHA256 = cmp.Or(k.files[i].SHA256, fmt.Sprint(k.files[i].Bytes, " bytes"))
		}
		in := p.tracer.source(src, k.files)
		p.tracer.sources[src.ID] = in.Key()
		if s.Why = p.because(keptSource, src.ID, in); s.Do == Grow {
			s.Why = []string{"file " + k.files[0].Name + " grew"}
		}
	}
	if len(k.files) > 0 && toBe != "" {
		s.Why = append(s.Why, toBe)
	}
	p.add(s)
}

// growth is the number of bytes by which the file of a source grew, 0 when it must be read from its start.
func (p *previewer) growth(ctx context.Context, src *model.Source) int64 {
	then, _, _, err := p.before(ctx, src)
	if err != nil || then == nil {
		return 0
	}
	return p.known[src.ID].files[0].Bytes - then.Files[0].Bytes
}

// because says why a thing would be made.
func (p *previewer) because(kind, id string, in reuse.Inputs) (why []string) {
	last := p.kept.Latest(kind, id)
	switch {
	case p.Full:
		return []string{"all is made again"}
	case last == nil:
		return []string{"nothing is kept of it"}
	}
	for _, c := range in.Changes(last.Inputs) {
		why = append(why, c.String())
	}
	if len(why) == 0 {
		why = append(why, "what is kept of it is damaged")
	}
	return why
}

func (p *previewer) peopleSource(src *model.Source) error {
	s := Step{Kind: "people", ID: src.ID, Do: Draw}
	if err := ingest.Refuse(src); err != nil {
		s.Do, s.Why = Stop, []string{"would stop the run: " + err.Error()}
		p.add(s)
		return nil
	}
	due, err := DueOf(p.ledger.Path(), p.Territory().Privacy, src)
	if err != nil {
		return err
	}
	s.Due, s.Why = &due, []string{due.String()}
	if due.Charged != nil { // not even looked for
		s.Do = Carry
		p.add(s)
		return nil
	}
	files, err := p.ingestOptions().Find(src)
	for _, f := range files {
		s.Files, s.Bytes = s.Files+1, s.Bytes+f.Bytes
	}
	switch {
	case err != nil && src.Optional && ingest.IsAbsent(err):
		s.Do, s.Why = LeaveOut, []string{"absent, optional: left out"}
	case err != nil:
		s.Do, s.Why = Stop, []string{"would stop the run: " + err.Error()}
	case due.Refused != "":
		s.Do = Stop
	}
	p.add(s)
	return nil
}

// Territory is that of the options.
func (p *previewer) Territory() *model.Territory { return p.run.Options.Territory }

// zones finds the zone systems that are as they were, and those that may change.
func (p *previewer) zones() {
	p.moved = map[string]string{}
	var n keptRun
	if last := p.kept.Latest(keptWhole, p.Territory().ID); last != nil {
		if last.Read(&n) != nil {
			n.Zones = nil
		}
	}
	for id, was := range n.Zones {
		p.tracer.zones[id] = was.Hash
		var why []string
		for _, c := range p.tracer.system(id).Changes(was.From) {
			why = append(why, c.String())
		}
		if len(why) > 0 {
			p.moved[id] = strings.Join(why, ", ")
		}
	}
}

func (p *previewer) figures(src *model.Source) {
	if p.tracer.sources[src.ID] == absentKey {
		return
	}
	for _, id := range sortedKeys(src.Measures) {
		m := src.Measures[id]
		p.part(keptMeasure, id, p.tracer.measure(src, id, m), append([]string{m.Zones}, m.Rollup...))
	}
	for _, id := range sortedKeys(src.Flows) {
		f := src.Flows[id]
		p.part(keptFlow, id, p.tracer.flow(src, id, f), []string{f.Zones})
	}
}

func (p *previewer) layer(l *model.Layer) {
	if p.adaptive(l.Geometry.Zones) {
		p.add(Step{Kind: keptLayer, ID: l.ID, Do: Make, Why: []string{"its zones are made of figures about people: it is made in every run"}})
		return
	}
	giver := ""
	for _, src := range p.Territory().Sources {
		if z := src.Zones; z != nil && z.System == l.Geometry.Zones {
			giver = src.ID
		}
	}
	if drawn := cmp.Or(l.Geometry.Source, giver); drawn != "" && p.tracer.sources[drawn] == absentKey {
		p.add(Step{Kind: keptLayer, ID: l.ID, Do: LeaveOut, Why: []string{"source " + drawn + " is absent"}})
		return
	}
	var systems []string
	if l.Geometry.Zones != "" {
		systems = []string{l.Geometry.Zones}
	}
	p.part(keptLayer, l.ID, p.tracer.layer(l, giver), systems)
}

// part is a measure, flow or layer that follows from inputs, some of them zone systems.
func (p *previewer) part(kind, id string, in reuse.Inputs, systems []string) {
	s := Step{Kind: kind, ID: id, Do: Make}
	if last := p.kept.Latest(kind, id); last != nil {
		s.Seconds = last.Seconds
	}
	if e := p.kept.Find(kind, id, in); e == nil || p.Full {
		s.Why = p.because(kind, id, in)
		p.add(s)
		return
	}
	s.Do = Reuse
	for _, system := range systems {
		if why := p.moved[system]; why != "" {
			s.Do, s.Why = MayMake, append(s.Why, "zone system "+system+" may change: "+why)
		}
	}
	if s.Do == Reuse {
		s.Seconds = 0
	}
	p.add(s)
}

// settle says whether there is anything to do.
func (p *previewer) settle(open []*model.Source) (err error) {
	if slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Do == Stop || s.Do == Fetch }) {
		return nil
	}
	p.Release, _, _, err = p.asBefore(open)
	p.Nothing = p.Release != ""
	return err
}
