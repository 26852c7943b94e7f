package schedule

import (
	"fmt"
	"strings"
	"time"

	"jumeau/model/runlog"
)

// phrases of the messages, in the language of their readers. What the program itself reports (errors and hints) is English.
type phrases struct {
	subject map[string]string // by state; "%s" is the territory
	lead    map[string]string
	again   string // the state lasts
	count   string
	why     string
	try     string
	late    string
	served  string
	none    string
	next    string
	look    string
	date    func(time.Time) string
}

var french = phrases{
	subject: map[string]string{Good: "%s : la mise à jour fonctionne de nouveau", IsLate: "%s : des sources sont en retard", IsHeld: "%s : la publication est suspendue",
		Failing: "%s : la mise à jour a échoué", Changed: "%s : des fichiers ne sont pas comme avant"},
	lead: map[string]string{Good: "La mise à jour fonctionne de nouveau.",
		IsLate:  "Le modèle est à jour, sauf les sources ci-dessous : leur producteur n'a pas fourni de fichier utilisable, le précédent est repris.",
		IsHeld:  "Les mises à jour sont préparées mais pas publiées, depuis le retour en arrière demandé. Reprendre : jumeau releases resume.",
		Failing: "La mise à jour a échoué. Rien n'a été publié ; la dernière version reste en ligne.",
		Changed: "Le modèle est à jour, mais les fichiers de certaines sources ne sont pas comme les précédents. À vérifier auprès du producteur."},
	again: "Rappel : c'était déjà le cas au dernier message.", count: "Échecs de suite : %d.",
	why: "Raison :", try: "À essayer :", late: "%s : fichier du %s repris", served: "En ligne :", none: "aucune version", next: "Prochaine mise à jour :", look: "Détail : jumeau runs show",
	date: func(t time.Time) string { return t.Format("02/01/2006 à 15:04") },
}

var english = phrases{
	subject: map[string]string{Good: "%s: the update works again", IsLate: "%s: sources are late", IsHeld: "%s: publication is held", Failing: "%s: the update failed", Changed: "%s: files are not as before"},
	lead: map[string]string{Good: "The update works again.",
		IsLate:  "The model is up to date but for the sources below: their producer gave no usable file, the one before is used.",
		IsHeld:  "Updates are made but not published, since the rollback that was asked for. Lift it: jumeau releases resume.",
		Failing: "The update failed. Nothing was published; the last release stays served.",
		Changed: "The model is up to date, but the files of some sources are not as those before. Ask their producer."},
	again: "Reminder: it was so in the last message already.", count: "Failures in a row: %d.",
	why: "Reason:", try: "Try:", late: "%s: the file of %s is used", served: "Served:", none: "no release", next: "Next update:", look: "Details: jumeau runs show",
	date: func(t time.Time) string { return t.Format("2006-01-02 15:04") },
}

// words of a message: subject, and text in lines.
func (a *Announcer) words(s *Scheduler, d *runlog.Diary, m Message, run runlog.Run) (subject, text string) {
	p := french
	if a.language == "en" {
		p = english
	}
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	say("%s", p.lead[m.State])
	if m.State == m.Before && m.State != Changed {
		say("%s", p.again)
	}
	if n := failures(d.Runs); n > 1 {
		say(p.count, n)
	}
	say("")
	if run.End.Error != "" {
		say("%s %s", p.why, run.End.Error)
		if run.End.Hint != "" {
			say("%s %s", p.try, run.End.Hint)
		}
	}
	for _, l := range run.End.Late {
		say("- "+p.late, l.Source, p.date(l.Since.In(a.zone)))
		say("  %s %s", p.why, l.Reason)
	}
	for _, text := range run.End.Drift {
		say("- %s", text)
	}
	served := m.Release
	if served == "" {
		served = p.none
	}
	say("%s %s", p.served, served)
	next, _, _ := s.Plan.Next(d.Runs, s.clock().Now())
	say("%s %s", p.next, p.date(next.In(a.zone)))
	say("%s %s", p.look, m.Run)
	return fmt.Sprintf(p.subject[m.State], s.Title), strings.Join(lines, "\n") + "\n"
}
