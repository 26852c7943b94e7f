package main

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progress shows how far a run is: bars on a terminal, a line at each end elsewhere.
type progress struct {
	out  io.Writer
	bars *mpb.Progress // nil: plain lines
	mu   sync.Mutex
}

func newProgress(out *os.File, quiet bool) *progress {
	switch {
	case quiet:
		return &progress{out: io.Discard}
	case term.IsTerminal(int(out.Fd())):
		return &progress{out: out, bars: mpb.New(mpb.WithOutput(out), mpb.WithWidth(40), mpb.WithAutoRefresh())}
	}
	return &progress{out: out}
}

// Begin starts the bar of a source, or of a step when bytes is 0.
func (p *progress) Begin(name string, bytes int64) (at func(int64), end func(summary string)) {
	if p.bars == nil {
		return func(int64) {}, func(summary string) { p.line("%-24s %s", name, summary) }
	}
	title := mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR))
	var bar *mpb.Bar
	if bytes == 0 {
		bar = p.bars.AddSpinner(1, mpb.BarRemoveOnComplete(), title, mpb.AppendDecorators(decor.Elapsed(decor.ET_STYLE_GO)))
	} else {
		bar = p.bars.AddBar(bytes, mpb.BarRemoveOnComplete(), title,
			mpb.AppendDecorators(decor.CountersKibiByte("% .1f / % .1f"), decor.Percentage(decor.WC{W: 6})))
	}
	end = func(summary string) {
		bar.SetTotal(-1, true)
		bar.Wait()
		p.line("%-24s %s", name, summary)
	}
	return func(n int64) { bar.SetCurrent(n) }, end
}

// beginShare starts the bar of work of which only the share done is known.
func (p *progress) beginShare(name string) (at func(done, total int64), end func(summary string)) {
	if p.bars == nil {
		return func(int64, int64) {}, func(summary string) { p.line("%-24s %s", name, summary) }
	}
	bar := p.bars.AddBar(0, mpb.BarRemoveOnComplete(), mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR)),
		mpb.AppendDecorators(decor.Percentage(decor.WC{W: 6}), decor.Elapsed(decor.ET_STYLE_GO, decor.WC{W: 8})))
	end = func(summary string) {
		bar.SetTotal(-1, true)
		bar.Wait()
		p.line("%-24s %s", name, summary)
	}
	return func(done, total int64) { bar.SetTotal(total+1, false); bar.SetCurrent(done) }, end
}

// line writes above the bars.
func (p *progress) line(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bars != nil {
		fmt.Fprintf(p.bars, format+"\n", args...)
		return
	}
	fmt.Fprintf(p.out, format+"\n", args...)
}

// close waits for the last frame to be drawn.
func (p *progress) close() {
	if p.bars != nil {
		p.bars.Wait()
	}
}
