package main

import (
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"time"

	"jumeau/model"
	"jumeau/model/runlog"
)

// runsVerb tells what the diary of a releases folder holds.
type runsVerb struct {
	List runsList `cmd:"" default:"withargs" help:"List the runs, newest first."`
	Show runsShow `cmd:"" help:"Say everything about one run."`
}

func (runsVerb) Examples() string {
	return "jumeau runs --releases releases\n  jumeau runs show last --releases releases"
}

type runsList struct {
	Most   int `help:"How many." default:"20"`
	folder `embed:""`
}

func (v *runsList) Run(a *app) error {
	diary, err := runlog.Read(v.Releases)
	if err != nil {
		return err
	}
	runs := diary.Runs[max(0, len(diary.Runs)-v.Most):]
	if v.JSON {
		if runs == nil {
			runs = []runlog.Run{}
		}
		return printJSON(a.out, runs)
	}
	if len(runs) == 0 {
		fmt.Fprintf(a.out, "No run yet. Run once: jumeau run TERRITORY --releases %s\n", v.Releases)
		return nil
	}
	w := table(a.out)
	fmt.Fprintln(w, "began\ttook\twhy\tby\tresult\texit\trelease\t")
	for i := len(runs) - 1; i >= 0; i-- {
		r := runs[i]
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Begin.At.Local().Format("2006-01-02 15:04"), took(r), r.Begin.Why, r.Begin.By, result(r), exit(r),
			r.End.Release, brief(r))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if diary.Damaged > 0 {
		fmt.Fprintf(a.errOut, "%s of %s could not be read: a power cut leaves half a line\n", plural(diary.Damaged, "line"), runlog.Name)
	}
	return nil
}

func took(r runlog.Run) string {
	if !r.Over() || r.End.Result == runlog.Interrupted {
		return ""
	}
	return fmt.Sprintf("%.1f s", r.End.Seconds)
}

func result(r runlog.Run) string {
	if !r.Over() {
		return "going on"
	}
	return r.End.Result
}

func exit(r runlog.Run) string {
	if !r.Over() {
		return ""
	}
	return fmt.Sprint(r.End.Exit)
}

// brief is the end of a run in a line.
func brief(r runlog.Run) string {
	text := r.End.Error
	if len(r.End.Late) > 0 && text == "" {
		var late []string
		for _, l := range r.End.Late {
			late = append(late, l.Source)
		}
		text = "late: " + strings.Join(late, ", ")
	}
	if n := len(r.End.Drift); n > 0 && text == "" {
		text = "not as before: " + r.End.Drift[0].String()
		if n > 1 {
			text += fmt.Sprintf(" (and %d more)", n-1)
		}
	}
	if runes := []rune(text); len(runes) > 100 {
		text = string(runes[:99]) + "…"
	}
	return text
}

type runsShow struct {
	Run_   string `arg:"" name:"run" optional:"" default:"last" help:"Name of the run, or its beginning; default the last one."`
	folder `embed:""`
}

func (v *runsShow) Run(a *app) error {
	diary, err := runlog.Read(v.Releases)
	if err != nil {
		return err
	}
	for i := len(diary.Runs) - 1; i >= 0; i-- {
		if r := diary.Runs[i]; v.Run_ == "last" || strings.HasPrefix(r.Begin.Run, v.Run_) {
			if v.JSON {
				return printJSON(a.out, r)
			}
			return showRun(a.out, r)
		}
	}
	return &model.Error{Kind: model.NotFound, Op: "show run", Subject: v.Run_, Err: fmt.Errorf("%s has no such run", runlog.Name),
		Hint: "see which there are: jumeau runs --releases " + v.Releases}
}

func showRun(out io.Writer, r runlog.Run) error {
	w := table(out)
	row := func(name, format string, args ...any) {
		if text := fmt.Sprintf(format, args...); text != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, text)
		}
	}
	row("run", "%s", r.Begin.Run)
	row("territory", "%s", r.Begin.Territory)
	row("began", "%s, %s, process %d, jumeau %s", r.Begin.At.Local().Format("Monday 2 January 2006, 15:04:05"), r.Begin.By, r.Begin.PID, r.Begin.Version)
	row("why", "%s", r.Begin.Why)
	if !r.Begin.Due.IsZero() {
		row("due", "%s", r.Begin.Due.Local().Format("2006-01-02 15:04"))
	}
	row("result", "%s %s", result(r), exit(r))
	if r.Over() {
		row("took", "%s", took(r))
		row("release", "%s", r.End.Release)
		row("served", "%s", r.End.Served)
		row("fetched", "%s", strings.Join(r.End.Fetched, ", "))
		for _, l := range r.End.Late {
			row("late", "%s, since %s: %s", l.Source, l.Since.Local().Format("2006-01-02 15:04"), l.Reason)
		}
		for _, text := range r.End.Drift {
			row("not as before", "%s", text)
		}
		row("error", "%s", r.End.Error)
		row("try", "%s", r.End.Hint)
	}
	return w.Flush()
}

// whoami is user@machine, for the diary.
func whoami() string {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		return name
	}
	return name + "@" + host
}

// parseDue reads the hidden flag with which a scheduled run says to which time it answers.
func parseDue(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t
}
