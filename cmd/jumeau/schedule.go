package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"jumeau/batch/schedule"
	"jumeau/model"
	"jumeau/model/cron"
	"jumeau/model/runlog"
)

// scheduleVerb runs a territory when it is due.
type scheduleVerb struct {
	Territory  string `arg:"" help:"Folder of the territory, or the name of an embedded one."`
	Releases   string `required:"" help:"Folder of releases; made when absent." placeholder:"DIR"`
	fetchFlags `embed:""`
	Memory     int    `help:"Memory that the database may hold, in MiB." default:"1024"`
	Threads    int    `help:"Threads of the database, and to bake tiles; 0: every core." default:"0"`
	Once       bool   `help:"Run if a run is due, tell who should be told, and end: for a timer."`
	Systemd    string `help:"Write a service and a timer for systemd into this folder, and end." placeholder:"DIR"`
	User       string `help:"With --systemd: user that runs, and owns the folders; default you." placeholder:"NAME"`
	Secrets    string `help:"With --systemd: file with the environment variables that hold secrets." placeholder:"FILE"`
}

func (scheduleVerb) Examples() string {
	return "jumeau schedule my-town --releases releases\n  jumeau schedule my-town --releases /srv/jumeau/releases --systemd . --user jumeau"
}

func (v *scheduleVerb) Run(a *app) error {
	opened, err := openTerritory(a, v.Territory)
	if err != nil {
		return err
	}
	defer opened.close()
	t := opened.territory
	if t.Schedule == "" {
		return &model.Error{Kind: model.Invalid, Op: "schedule", Subject: t.ID, Err: errors.New("the territory declares no schedule"),
			Hint: `write one into territory.yaml: schedule: "0 2 * * *" is every night at two`}
	}
	if v.Systemd != "" {
		return v.units(a, t)
	}
	s, err := v.scheduler(a, t)
	if err != nil {
		return err
	}
	if !v.Once {
		diary, err := runlog.Read(v.Releases)
		if err != nil {
			return err
		}
		at, _, _ := s.Plan.Next(diary.Runs, time.Now())
		fmt.Fprintf(a.out, "%s runs at %q, %s time. Next: %s\n", t.ID, t.Schedule, t.TimeZone, latest(at, time.Now()).In(s.Plan.Zone).Format("Monday 2 January 2006, 15:04"))
		return s.Loop(a.ctx)
	}
	code, next, err := s.Once(a.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "Next: %s\n", next.In(s.Plan.Zone).Format("Monday 2 January 2006, 15:04"))
	if code != 0 {
		return codedError{fmt.Errorf("the run ended with code %d", code), code, true}
	}
	return nil
}

func (v *scheduleVerb) scheduler(a *app, t *model.Territory) (*schedule.Scheduler, error) {
	zone, err := time.LoadLocation(t.TimeZone)
	if err != nil {
		return nil, err
	}
	expression, err := cron.Parse(t.Schedule)
	if err != nil {
		return nil, err
	}
	announcer, err := schedule.NewAnnouncer(t, schedule.SendOptions{Getenv: os.Getenv, Proxy: http.ProxyFromEnvironment})
	if err != nil {
		return nil, err
	}
	lang := "fr"
	if t.Announce != nil {
		lang = t.Announce.Language
	}
	binary, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return &schedule.Scheduler{Releases: v.Releases, Territory: t.ID, Title: t.Title.In(lang), Plan: schedule.Plan{Cron: expression, Zone: zone},
		Announcer: announcer, Log: a.log, Run: v.runner(a, binary)}, nil
}

// runner runs in a process of its own: what ends it badly does not end the scheduler, and its memory is given back.
func (v *scheduleVerb) runner(a *app, binary string) schedule.Run {
	return func(ctx context.Context, why string, due time.Time) (int, error) {
		args := append([]string{"run", v.Territory, "--releases", v.Releases, "--quiet", "--why", why, "--due", due.Format(time.RFC3339)}, v.passed()...)
		c := exec.CommandContext(ctx, binary, args...)
		c.Stdout, c.Stderr = a.out, a.errOut
		c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
		c.WaitDelay = 2 * time.Minute
		err := c.Run()
		var ended *exec.ExitError
		if errors.As(err, &ended) {
			if code := ended.ExitCode(); code >= 0 {
				return code, nil
			}
			return runlog.ExitUnavailable, fmt.Errorf("the run was killed: %w", ended)
		}
		if err != nil {
			return exitFailed, err
		}
		return 0, nil
	}
}

// passed are the flags that a run is given too.
func (v *scheduleVerb) passed() []string {
	args := []string{"--memory", fmt.Sprint(v.Memory), "--threads", fmt.Sprint(v.Threads)}
	if v.Mirror != "" {
		args = append(args, "--mirror", v.Mirror)
	}
	if v.Offline {
		args = append(args, "--offline")
	}
	if v.Work != "" {
		args = append(args, "--work", v.Work)
	}
	return args
}

// units writes the files of systemd, with absolute paths.
func (v *scheduleVerb) units(a *app, t *model.Territory) error {
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	absolute := func(path string) string {
		full, failed := filepath.Abs(path)
		if err == nil {
			err = failed
		}
		return full
	}
	territory, w := v.Territory, *v
	w.Releases = absolute(v.Releases)
	if info, failed := os.Stat(territory); failed == nil && info.IsDir() {
		territory = absolute(territory)
	}
	w.Work = absolute(v.work(v.Territory))
	if w.Mirror != "" {
		w.Mirror = absolute(w.Mirror)
	}
	if err != nil {
		return err
	}
	if v.User == "" {
		w.User, _, _ = strings.Cut(whoami(), "@")
	}
	u := schedule.Unit{Territory: t.ID, Binary: binary, Args: append([]string{territory, "--releases", w.Releases}, w.passed()...), Cron: t.Schedule, Zone: t.TimeZone,
		Writable: []string{w.Releases, w.Work}, User: w.User, Secrets: v.Secrets}
	files, err := u.Units()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(v.Systemd, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"jumeau-" + t.ID + ".service", "jumeau-" + t.ID + ".timer"} {
		path := filepath.Join(v.Systemd, name)
		if err := os.WriteFile(path, []byte(files[name]), 0o644); err != nil {
			return err
		}
		fmt.Fprintln(a.out, path)
	}
	return nil
}
