package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"jumeau/model"
	"jumeau/model/backup"
)

// backupVerb writes what cannot be made again into one file.
type backupVerb struct {
	Releases string `required:"" help:"Folder of releases." type:"existingdir" placeholder:"DIR"`
	State    string `help:"Also the state folder of the server: tokens, audit log." type:"existingdir" placeholder:"DIR"`
	Newest   int    `help:"Only so many of the newest releases, and the one served; 0: all." default:"0" placeholder:"N"`
	Out      string `short:"o" required:"" help:"File to write. It holds the signing key: keep it as such." placeholder:"FILE"`
	JSON     bool   `name:"json" help:"Print as JSON."`
}

func (backupVerb) Examples() string {
	return "jumeau backup --releases releases --state /var/lib/jumeau -o twin-2026-11-24.tar.zst\n  jumeau restore twin-2026-11-24.tar.zst --releases releases"
}

func (v *backupVerb) Run(a *app) error {
	draft := v.Out + ".new"
	file, err := os.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return &model.Error{Kind: model.Unavailable, Op: "back up", Subject: v.Out, Err: err, Hint: "look at the permissions and the free space of the folder"}
	}
	about, err := backup.Write(a.ctx, file, backup.Options{Releases: v.Releases, State: v.State, Newest: v.Newest, Now: time.Now()})
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(draft, v.Out)
	}
	if err != nil {
		return errors.Join(err, os.Remove(draft))
	}
	if v.JSON {
		return printJSON(a.out, about)
	}
	fmt.Fprintf(a.out, "%s: %s, the keys, the ledger and the diary. It holds the signing key: keep it as such.\n", v.Out, plural(len(about.Releases), "release"))
	return nil
}

// restoreVerb brings a backup back.
type restoreVerb struct {
	File     string `arg:"" optional:"" help:"File that jumeau backup wrote." type:"existingfile"`
	Releases string `required:"" help:"Folder to restore into; what is there stays." placeholder:"DIR"`
	State    string `help:"Also restore the state folder of the server." placeholder:"DIR"`
	Tokens   bool   `help:"Also restore tokens. Those that were revoked after the backup open again."`
	Drawn    string `name:"nothing-drawn" help:"Answer for it that no figures about people were drawn between the backup and now, and say how you know." placeholder:"WHY"`
	JSON     bool   `name:"json" help:"Print as JSON."`
}

func (restoreVerb) Examples() string {
	return "jumeau restore twin-2026-11-24.tar.zst --releases releases\n  jumeau restore --releases releases --nothing-drawn \"the old machine was off since the backup\""
}

func (v *restoreVerb) Run(a *app) error {
	if v.File == "" && v.Drawn == "" {
		return &model.Error{Kind: model.Invalid, Op: "restore", Subject: "backup", Hint: "name the file that jumeau backup wrote", Err: errors.New("none is named")}
	}
	done := &backup.Restored{}
	if v.File != "" {
		file, err := os.Open(v.File)
		if err != nil {
			return &model.Error{Kind: model.Unavailable, Op: "restore", Subject: v.File, Err: err, Hint: "look at the permissions of the file"}
		}
		defer file.Close()
		if done, err = backup.Restore(a.ctx, file, backup.RestoreOptions{Releases: v.Releases, State: v.State, Tokens: v.Tokens, Now: time.Now()}); err != nil {
			return err
		}
	}
	if v.Drawn != "" && (v.File == "" || done.Gap != nil) {
		gap, err := backup.State(v.Releases, model.Statement{By: whoami(), At: time.Now().UTC().Truncate(time.Second), Why: v.Drawn})
		if err != nil {
			return err
		}
		done.Gap = gap
	}
	if v.JSON {
		return printJSON(a.out, map[string]any{"backup": done.About, "releases": done.Releases, "kept": done.Kept, "gap": done.Gap})
	}
	v.tell(a, done)
	return nil
}

func (v *restoreVerb) tell(a *app, done *backup.Restored) {
	if v.File != "" {
		fmt.Fprintf(a.out, "Restored: %s, as of %s.\n", plural(len(done.Releases), "release"), done.About.At.Format("2 January 2006, 15:04 UTC"))
	}
	if len(done.Kept) > 0 {
		fmt.Fprintf(a.out, "Already there, and left as it is: %s.\n", strings.Join(done.Kept, ", "))
	}
	switch gap := done.Gap; {
	case gap == nil:
	case gap.Stated != nil:
		fmt.Fprintf(a.out, "%s answers for it that nothing was drawn since the backup: %s\n", gap.Stated.By, gap.Stated.Why)
	default:
		fmt.Fprintf(a.errOut, "What was drawn from data about people between the backup and now is not known, and counts as spent: until the end of %d only windows of later years can be drawn.\n"+
			"If nothing was drawn, answer for it: jumeau restore --releases %s --nothing-drawn WHY\n", gap.Until.Year(), v.Releases)
	}
}
