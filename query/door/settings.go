package door

import (
	"net/netip"
	"strings"

	"jumeau/internal/secret"
	"jumeau/model"
)

// FromSettings makes options of a configuration; the secrets are read, from the environment by getenv. Log and what is for tests
// is left to the caller.
func FromSettings(s *model.Server, getenv func(string) string) (Options, error) {
	o := Options{Audience: s.Audience, State: s.State, PublicURL: s.PublicURL, AuditMonths: s.AuditMonths}
	if in := s.SignIn; in != nil {
		value, err := secret.Read(in.ClientSecret.Env, in.ClientSecret.File, getenv)
		if err != nil {
			return o, &model.Error{Kind: model.Invalid, Op: "read configuration", Subject: "sign_in.client_secret", Err: err, Hint: "keep the secret in the environment, or in a file with mode 0600"}
		}
		o.Provider = &Provider{Name: in.Name, Issuer: in.Issuer, ClientID: in.ClientID, Secret: value, Scopes: in.Scopes, Classes: in.Classes,
			SignedUserinfo: in.SignedUserinfo, Rules: rulesOf(in.LetIn)}
	}
	if p := s.Proxy; p != nil {
		o.Proxy = &Proxy{User: p.User, Groups: p.Groups, Rules: rulesOf(p.LetIn)}
		for _, text := range p.From {
			prefix, err := netip.ParsePrefix(text)
			if err != nil {
				a, err := netip.ParseAddr(text)
				if err != nil {
					return o, &model.Error{Kind: model.Invalid, Op: "read configuration", Subject: "proxy.from", Err: err, Hint: "write an address or a network: 10.0.0.1, 10.0.0.0/24"}
				}
				prefix = netip.PrefixFrom(a, a.BitLen())
			}
			o.Proxy.From = append(o.Proxy.From, prefix.Masked())
		}
	}
	if l := s.Limits; l != nil {
		o.Limits = Limits{Requests: l.Requests, RequestsBurst: l.RequestsBurst, Cost: l.Cost, CostBurst: l.CostBurst}
	}
	if t := s.Session; t != nil {
		o.Lifetime, o.Idle = model.Interval(t.Lifetime, 0), model.Interval(t.Idle, 0)
	}
	return o, nil
}

func rulesOf(list []model.LetIn) (out []Rule) {
	for _, l := range list {
		r := Rule{Audience: l.Audience, Claim: l.Claim, In: l.In, Ends: l.Ends}
		if r.Claim == "email" {
			r.In, r.Ends = lower(r.In), lower(r.Ends)
		}
		out = append(out, r)
	}
	return out
}

func lower(list []string) (out []string) {
	for _, text := range list {
		out = append(out, strings.ToLower(text))
	}
	return out
}
