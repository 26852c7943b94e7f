package fetch

import (
	"errors"
	"testing"

	"net/http"
	"net/url"
)

func TestAProducerDoesNotLeadIntoThePrivateNetwork(t *testing.T) {
	for _, c := range []struct {
		what              string
		declared          string // where the declared name leads
		dialled, resolved string
		want              error
	}{
		{"another server of the internet", "203.0.113.1:443", "cdn.example:443", "198.51.100.7:443", nil},
		{"this machine", "203.0.113.1:443", "evil.example:443", "127.0.0.1:443", errInside},
		{"the town's network", "203.0.113.1:443", "evil.example:80", "192.168.1.1:80", errInside},
		{"the town's network, in IPv6", "203.0.113.1:443", "evil.example:80", "[fd12::1]:80", errInside},
		{"the carrier's network", "203.0.113.1:443", "evil.example:80", "100.64.0.1:80", errInside},
		{"a name that now leads elsewhere", "203.0.113.1:443", "data.example:443", "10.0.0.1:443", nil}, // the operator declared it
		{"metadata", "203.0.113.1:443", "evil.example:80", "169.254.169.254:80", errMetadata},
		{"metadata by the declared name", "203.0.113.1:443", "data.example:80", "169.254.169.254:80", errMetadata},
		{"from inside to inside", "10.1.2.3:443", "other.town.example:443", "10.1.2.4:443", nil},
		{"from inside to metadata", "10.1.2.3:443", "other.town.example:443", "[::ffff:169.254.169.254]:80", errMetadata},
	} {
		g := &guard{host: "data.example"}
		if err := g.allow("data.example:443", c.declared); err != nil {
			t.Fatal(err)
		}
		if err := g.allow(c.dialled, c.resolved); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
	}
}

func TestAnotherHostIsNotShownPrivateHeaders(t *testing.T) {
	g := &guard{host: "data.example"}
	step := g.redirect([]string{"X-Api-Key"})
	via := []*http.Request{{URL: &url.URL{Scheme: "https", Host: "data.example"}}}
	for host, kept := range map[string]bool{"data.example": true, "cdn.example": false, "data.example:8443": false} {
		r := &http.Request{URL: &url.URL{Scheme: "https", Host: host}, Header: http.Header{"X-Api-Key": {"x"}, "Referer": {"https://data.example/?key=x"}}}
		if err := step(r, via); err != nil {
			t.Fatal(err)
		}
		if (r.Header.Get("X-Api-Key") != "") != kept || r.Header.Get("Referer") != "" {
			t.Errorf("%s is shown %v", host, r.Header)
		}
	}
}
