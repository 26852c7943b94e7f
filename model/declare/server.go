package declare

import (
	"net/netip"
	"reflect"
	"strings"

	"jumeau/model"
)

// ReadServer reads the configuration of a server, as strictly as a territory. Name is that of the file, for messages. When anything
// is wrong it returns a model.Error of kind Invalid that wraps all the Problems.
func ReadServer(name string, text []byte) (*model.Server, error) {
	s, d := &model.Server{}, newDocument(name)
	if body := d.parse(text); body != nil {
		d.decode(body, reflect.ValueOf(s).Elem(), "", Rule{})
	}
	if !d.broken {
		checkServer(s, d)
	}
	if len(d.problems) > 0 {
		return nil, &model.Error{Kind: model.Invalid, Op: "read configuration", Err: d.problems.sorted(), Hint: "correct the lines shown; doc/declaration.md lists every key and what it takes"}
	}
	return s, nil
}

// checkServer judges what holds across keys.
func checkServer(s *model.Server, d *document) {
	if in := s.SignIn; in != nil {
		if s.PublicURL == "" {
			d.addKey("sign_in", "people come back to public_url, and it is not given")
		} else if !strings.HasPrefix(s.PublicURL, "https://") && !local(s.PublicURL) {
			d.addValue("public_url", "signing in needs https: browsers send the session's cookie over nothing else")
		}
		checkSecret(d, "sign_in.client_secret", in.ClientSecret.Env, in.ClientSecret.File)
		checkLetIn(in.LetIn, "sign_in.let_in", d)
	}
	if p := s.Proxy; p != nil {
		for i, text := range p.From {
			if !network(text) {
				d.addValue(index("proxy.from", i), "%q is no address and no network (10.0.0.1, 10.0.0.0/24)", text)
			}
		}
		switch {
		case p.User == "" && (p.Groups != "" || len(p.LetIn) > 0):
			d.addKey("proxy", "user is missing: the header in which the proxy names the person")
		case p.User != "" && len(p.LetIn) == 0:
			d.addKey("proxy.user", "let_in is missing: who is let in as what?")
		}
		checkLetIn(p.LetIn, "proxy.let_in", d)
	}
	if l := s.Limits; l != nil {
		if (l.Requests > 0) != (l.RequestsBurst > 0) {
			d.addKey("limits", "requests and requests_burst go together")
		}
		if (l.Cost > 0) != (l.CostBurst > 0) {
			d.addKey("limits", "cost and cost_burst go together")
		}
	}
}

func checkLetIn(rules []model.LetIn, path string, d *document) {
	for i, r := range rules {
		if len(r.In)+len(r.Ends) == 0 {
			d.addKey(index(path, i), "in or ends is missing: which values are let in?")
		}
	}
}

// local says whether an address is of this machine, where browsers take http for safe.
func local(address string) bool {
	rest, ok := strings.CutPrefix(address, "http://")
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, ":")
	return ok && (host == "localhost" || host == "127.0.0.1")
}

func network(text string) bool {
	_, errPrefix := netip.ParsePrefix(text)
	_, errAddr := netip.ParseAddr(text)
	return errPrefix == nil || errAddr == nil
}
