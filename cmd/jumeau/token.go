package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"jumeau/model"
	"jumeau/query/door"
)

// tokenVerb looks after the tokens that let programs into a server.
type tokenVerb struct {
	Create tokenCreate `cmd:"" help:"Make a token, and show it: once."`
	List   tokenList   `cmd:"" help:"List the tokens, newest first; what they open is shown, they are not."`
	Revoke tokenRevoke `cmd:"" help:"End a token: within a second it opens nothing."`
}

func (tokenVerb) Examples() string {
	return "jumeau token create --state /var/lib/jumeau --audience agent --note \"QGIS, planning office\"\n  jumeau token revoke k3v7q2m5x4 --state /var/lib/jumeau"
}

// stateFolder is what every verb of token asks for.
type stateFolder struct {
	State string `required:"" help:"State folder of the server (state: in its configuration)." placeholder:"DIR"`
	JSON  bool   `name:"json" help:"Print as JSON."`
}

type tokenCreate struct {
	Audience    string   `enum:"public,agent,steward" default:"agent" help:"What it sees: ${enum}."`
	Layers      []string `help:"Only these layers, with the figures they show; default all of the audience." placeholder:"LAYER"`
	Verbs       []string `help:"What it may do: read, export, admin, metrics." default:"read,export"`
	Expires     string   `help:"How long it is good for, as an ISO 8601 duration." default:"P90D" placeholder:"P90D"`
	Note        string   `help:"What it is for; not a person's name." placeholder:"TEXT"`
	stateFolder `embed:""`
}

func (v *tokenCreate) Run(a *app) error {
	lasts := model.Interval(v.Expires, 0)
	if lasts <= 0 || lasts > 2*365*24*time.Hour {
		return &model.Error{Kind: model.Invalid, Op: "make token", Subject: "--expires " + v.Expires, Hint: "write P90D for ninety days; two years (P2Y) are the most", Err: errors.New("not a length of time that a token may have")}
	}
	now := time.Now()
	t := door.Token{Audience: v.Audience, Layers: v.Layers, Verbs: v.Verbs, Note: v.Note, Expires: now.Add(lasts)}
	shown, err := door.NewToken(&t, now)
	if err != nil {
		return err
	}
	if err := door.ChangeTokens(v.State, func(list []door.Token) ([]door.Token, error) { return append(list, t), nil }); err != nil {
		return err
	}
	if v.JSON {
		return printJSON(a.out, map[string]any{"id": t.ID, "token": shown, "expires": t.Expires})
	}
	fmt.Fprintln(a.out, shown)
	fmt.Fprintf(a.errOut, "Token %s, until %s. It is shown this once; only its hash is kept. Use: Authorization: Bearer TOKEN, or as the password of a user.\n", t.ID, t.Expires.Format("2 January 2006"))
	if t.Audience == "steward" && !slices.Contains(t.Verbs, "admin") {
		fmt.Fprintln(a.errOut, "It does not open /admin. For one that does: --verbs read,export,admin")
	}
	return nil
}

type tokenList struct {
	stateFolder `embed:""`
}

func (v *tokenList) Run(a *app) error {
	list, err := door.ReadTokens(v.State)
	if err != nil {
		return err
	}
	if v.JSON {
		rows := []map[string]any{}
		for _, t := range list {
			rows = append(rows, map[string]any{"id": t.ID, "audience": t.Audience, "layers": t.Layers, "verbs": t.Verbs, "note": t.Note, "created": t.Created, "expires": t.Expires, "usable": t.Usable(time.Now())})
		}
		return printJSON(a.out, rows)
	}
	if len(list) == 0 {
		fmt.Fprintf(a.out, "No token yet. Make one: jumeau token create --state %s\n", v.State)
		return nil
	}
	w := table(a.out)
	fmt.Fprintln(w, "token\tsees\tmay\tuntil\tfor\t")
	for i := len(list) - 1; i >= 0; i-- {
		t := list[i]
		sees, until := t.Audience, t.Expires.Format("2006-01-02")
		if len(t.Layers) > 0 {
			sees += ": " + strings.Join(t.Layers, ", ")
		}
		switch {
		case !t.Revoked.IsZero():
			until = "revoked"
		case !t.Usable(time.Now()):
			until = "over"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t\n", t.ID, sees, strings.Join(t.Verbs, ", "), until, t.Note)
	}
	return w.Flush()
}

type tokenRevoke struct {
	ID          string `arg:"" help:"Id of the token: what follows jumeau_ in it."`
	stateFolder `embed:""`
}

func (v *tokenRevoke) Run(a *app) error {
	err := door.ChangeTokens(v.State, func(list []door.Token) ([]door.Token, error) {
		for i := range list {
			if list[i].ID == v.ID {
				if list[i].Revoked.IsZero() {
					list[i].Revoked = time.Now().UTC().Truncate(time.Second)
				}
				return list, nil
			}
		}
		return nil, &model.Error{Kind: model.NotFound, Op: "revoke token", Subject: v.ID, Hint: "see what there is: jumeau token list --state " + v.State, Err: errors.New("there is no such token")}
	})
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(a.out, map[string]any{"id": v.ID, "revoked": true})
	}
	fmt.Fprintf(a.out, "Token %s is revoked.\n", v.ID)
	return nil
}
