package verify

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"jumeau/model"
	"jumeau/model/release"
)

// LedgerName is the file of the privacy ledger beside the releases.
const LedgerName = "ledger.jsonl"

// Options of Run.
type Options struct {
	Releases string              // Required: folder of releases
	ID       string              // Required: whole id of a release
	Keys     []ed25519.PublicKey // default: the keys of the folder itself, which proves only that it is of one piece
	Ledger   string              // file; default LedgerName in Releases
	// Database describes model.duckdb. Nil: its schema is not checked, and the report says so.
	Database func(ctx context.Context, path string) (*Database, error)
}

// Database is what the tables of a DuckDB file look like.
type Database struct {
	Columns   map[string][]Column // by table
	Explained []string            // sources with a reason beside a rejected row
	Figures   []Sum               // of tables measure and flow
}

// Sum is what the database holds of a measure or flow in a zone system.
type Sum struct {
	ID, System string
	Numbers    int64   // rows with a number
	Loose      int64   // rows flagged as without a number that carry one
	Sum        float64 // of the numbers
}

// Column of a table.
type Column struct{ Name, Type string }

// State of a check.
type State string

// What became of a check.
const (
	Passed  State = "passed"
	Failed  State = "failed"
	Nothing State = "nothing to check"
)

// Check is one rule, what it means, and what was found.
type Check struct {
	ID    string     `json:"id"`
	Tests []string   `json:"tests,omitempty"` // of the gate's specification
	State State      `json:"state"`
	Means model.Text `json:"means"`
	Found []string   `json:"found,omitempty"` // against the rule, at most ten
	Note  string     `json:"note,omitempty"`  // what was looked at
}

// Report is every check of a release.
type Report struct {
	Release string  `json:"release"`
	Content string  `json:"content"`
	Key     string  `json:"key"`
	Checks  []Check `json:"checks"`
}

// OK says whether no check failed.
func (r *Report) OK() bool {
	for _, c := range r.Checks {
		if c.State == Failed {
			return false
		}
	}
	return true
}

// Check by its id, nil when there is none.
func (r *Report) Check(id string) *Check {
	for i := range r.Checks {
		if r.Checks[i].ID == id {
			return &r.Checks[i]
		}
	}
	return nil
}

// subject is the release being checked, with what the checks share.
type subject struct {
	Options
	dir      string
	text     []byte // of the manifest
	manifest *release.Manifest
	cards    []Card
	entries  []Entry // of the ledger, nil when it is broken or absent
	frames   []*frames
}

// finding collects what a check finds.
type finding struct {
	against []string
	more    int
	looked  int    // how many things were looked at; 0: nothing to check
	note    string // default: looked
}

const most = 10 // findings told of one check

func (f *finding) add(format string, args ...any) {
	if len(f.against) == most {
		f.more++
		return
	}
	f.against = append(f.against, fmt.Sprintf(format, args...))
}

// Run checks a release. Its error is about the folder or the disk; what is wrong with the release is in the report.
func Run(ctx context.Context, opt Options) (*Report, error) {
	s := &subject{Options: opt, dir: filepath.Join(opt.Releases, opt.ID)}
	if !release.IsID(opt.ID) {
		return nil, &model.Error{Kind: model.NotFound, Op: "verify", Subject: opt.ID, Err: errors.New("there is no such release"),
			Hint: "see what there is: jumeau releases list --releases " + opt.Releases}
	}
	if _, err := os.Stat(s.dir); err != nil {
		return nil, &model.Error{Kind: model.NotFound, Op: "verify", Subject: opt.ID, Err: err, Hint: "see what there is: jumeau releases list --releases " + opt.Releases}
	}
	if s.Ledger == "" {
		s.Ledger = filepath.Join(opt.Releases, LedgerName)
	}
	if len(s.Keys) == 0 {
		s.Keys, _ = release.PublicKeys(opt.Releases) // none: the signature check says it
	}
	defer s.close()
	report := &Report{Release: opt.ID}
	for _, rule := range rules {
		var f finding
		if s.manifest == nil && rule.id != "signature" {
			break // nothing can be said of files that no manifest names
		}
		if err := rule.look(s, ctx, &f); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			f.add("%v", err)
		}
		report.Checks = append(report.Checks, rule.result(&f))
	}
	if s.manifest != nil {
		report.Content, report.Key = s.manifest.Content, s.manifest.Key
	}
	return report, nil
}

// rule is a check before it is made.
type rule struct {
	id     string
	tests  []string
	fr, en string
	look   func(*subject, context.Context, *finding) error
}

func (r rule) result(f *finding) Check {
	c := Check{ID: r.id, Tests: r.tests, State: Passed, Means: model.Text{FR: r.fr, EN: r.en}, Found: f.against, Note: f.note}
	if f.more > 0 {
		c.Found = append(c.Found, fmt.Sprintf("and %d more", f.more))
	}
	switch {
	case len(f.against) > 0:
		c.State = Failed
	case f.looked == 0:
		c.State = Nothing
	}
	if c.Note == "" && f.looked > 0 {
		c.Note = fmt.Sprint(f.looked)
	}
	return c
}

var rules = []rule{
	{"signature", nil, "Le manifeste est signé par une clé de confiance.", "The manifest is signed by a trusted key.", (*subject).signature},
	{"files", nil, "Chaque fichier a les octets publiés, et il n'y en a pas d'autre.", "Every file has the bytes that were published, and there is no other.", (*subject).files},
	{"content", nil, "L'identifiant de la publication est celui de son contenu.", "The release's id is that of its content.", (*subject).content},
	{"manifest", nil, "Chaque source sur des personnes ou des entreprises dit sa finalité, sa base légale, son unité, sa durée de conservation et ses seuils.",
		"Every source about persons or enterprises says its purpose, legal basis, unit, retention and thresholds.", (*subject).complete},
	{"ledger", []string{"T14"}, "Le registre est une chaîne sans rupture : plafond annuel tenu, périodes disjointes, chaque publication comptée une fois.",
		"The ledger is an unbroken chain: yearly cap kept, periods disjoint, every release charged once.", (*subject).chain},
	{"entries", []string{"T10", "T14"}, "Chaque chiffre issu de personnes a été imputé au registre, tel que sa fiche le dit.",
		"Every figure from persons was charged to the ledger, as its card says.", (*subject).charged},
	{"rows", []string{"T13"}, "Aucune table n'a de ligne par personne, appareil, ménage ou entreprise, et rien ne compte ni n'identifie les lignes brutes.",
		"No table has a row per person, device, household or enterprise, and nothing counts or identifies the raw rows.", (*subject).rows},
	{"columns", []string{"T2"}, "Les fichiers n'ont que les colonnes attendues : ni identifiant, ni empreinte, ni texte libre, ni heure fine.",
		"Files have the expected columns only: no identifier, hash, free text or fine time.", (*subject).columns},
	{"texts", []string{"T2"}, "Aucun texte des fonds de carte ne ressemble à une adresse électronique, une adresse réseau, une empreinte, une plaque ou un instant.",
		"No text of a layer looks like an e-mail or network address, a hash, a number plate or an instant.", (*subject).texts},
	{"slots", []string{"T2"}, "Aucun chiffre n'est plus fin qu'une heure d'un type de jour.", "No figure is finer than an hour of a day type.", (*subject).slots},
	{"flags", []string{"T11"}, "Ce qui n'est pas publié ne porte aucun nombre.", "What is not published carries no number.", (*subject).flags},
	{"database", []string{"T2"}, "La base de données n'a que les tables et colonnes attendues, et les mêmes chiffres que les fichiers.", "The database has the expected tables and columns only, and the figures of the files.", (*subject).database},
	{"threshold", []string{"T3"}, "Aucun chiffre n'est sous le seuil de sa fiche.", "No figure is below the threshold of its card.", (*subject).threshold},
	{"producer", []string{"T3"}, "Les seuils des producteurs sont tenus : aucun effectif entre 1 et le seuil.", "Producers' thresholds are kept: no count from 1 to the threshold.", (*subject).producer},
	{"intervals", []string{"T16"}, "Chaque chiffre bruité a un intervalle au moins aussi large que sa fiche le dit.", "Every noisy figure has an interval at least as wide as its card says.", (*subject).intervals},
	{"totals", []string{"T8", "T9"}, "Tout total est la somme de ses parties publiées, ou a son propre bruit : aucune différence ne révèle une partie retenue.",
		"Every total is the sum of its published parts, or has noise of its own: no difference reveals a withheld part.", (*subject).totals},
}
