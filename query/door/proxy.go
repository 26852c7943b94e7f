package door

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxy stands before the server and may say who asks. Only listed addresses are believed; when it says who asks, nobody else may
// connect at all.
type Proxy struct {
	From []netip.Prefix
	// Header that names the person, and the one that names their groups; "": the proxy only passes on.
	User, Groups string
	Rules        []Rule // by group; Claim is not used
}

// says whether the proxy tells who asks.
func (p *Proxy) identifies() bool { return p.User != "" }

// listed says whether an address is the proxy's.
func (p *Proxy) listed(a netip.Addr) bool {
	return slices.ContainsFunc(p.From, func(prefix netip.Prefix) bool { return prefix.Contains(a) })
}

// peer is the address that the connection comes from; invalid when it cannot be read.
func peer(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	a, _ := netip.ParseAddr(host)
	return a.WithZone("").Unmap()
}

// origin is the address of the client: the last one in X-Forwarded-For that is not a proxy of ours, read from the end, because
// anybody may have written the beginning.
func (p *Proxy) origin(r *http.Request) netip.Addr {
	at := peer(r)
	if p == nil || !p.listed(at) {
		return at
	}
	var chain []string
	for _, line := range r.Header.Values("X-Forwarded-For") {
		chain = append(chain, strings.Split(line, ",")...)
	}
	for i, text := range slices.Backward(chain) {
		a, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil || len(chain)-i > 20 {
			break
		}
		if at = a.WithZone("").Unmap(); !p.listed(at) {
			break
		}
	}
	return at
}

// visitor as the proxy names them; ok is false when it names nobody, or when two headers do.
func (p *Proxy) visitor(h http.Header) (v Visitor, ok bool) {
	names := h.Values(p.User)
	if len(names) != 1 || strings.TrimSpace(names[0]) == "" {
		return v, false
	}
	claims := map[string]any{}
	var groups []any
	for _, line := range h.Values(p.Groups) {
		for group := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ',' || r == ';' }) {
			groups = append(groups, strings.TrimSpace(group))
		}
	}
	claims["groups"], claims["user"] = groups, names[0]
	v = Visitor{By: ByProxy, Who: "proxy\x00" + names[0]}
	for _, rule := range p.Rules {
		if rule.Claim == "" {
			rule.Claim = "groups"
		}
		if rule.fits(claims) && rank(rule.Audience) > rank(v.Audience) {
			v.Audience = rule.Audience
		}
	}
	v.Verbs = VerbsOf(v.Audience)
	return v, v.Audience != ""
}
