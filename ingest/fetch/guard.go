package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"crypto/tls"
)

var (
	errMetadata = errors.New("this is a metadata address of a cloud: it is never asked")
	errInside   = errors.New("the producer sends us from the internet to an address of a private network: refused")
)

// metadata addresses answer with the credentials of the machine that asks.
var metadata = []netip.Prefix{
	netip.MustParsePrefix("169.254.0.0/16"),     // link-local: AWS, Azure, Google, OpenStack, Scaleway, OVHcloud
	netip.MustParsePrefix("fe80::/10"),          // link-local
	netip.MustParsePrefix("fd00:ec2::254/128"),  // AWS
	netip.MustParsePrefix("100.100.100.200/32"), // Alibaba
	netip.MustParsePrefix("192.0.0.192/32"),     // Oracle
	netip.MustParsePrefix("168.63.129.16/32"),   // Azure
}

var (
	nat64   = netip.MustParsePrefix("64:ff9b::/96")
	carrier = netip.MustParsePrefix("100.64.0.0/10")
)

// plain is the IPv4 address inside an IPv6 one, when there is one.
func plain(ip netip.Addr) netip.Addr {
	ip = ip.Unmap().WithZone("")
	if nat64.Contains(ip) {
		bytes := ip.As16()
		ip = netip.AddrFrom4([4]byte(bytes[12:]))
	}
	return ip
}

func isMetadata(ip netip.Addr) bool {
	for _, p := range metadata {
		if p.Contains(plain(ip)) {
			return true
		}
	}
	return false
}

func isInside(ip netip.Addr) bool {
	ip = plain(ip)
	return ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || carrier.Contains(ip)
}

// guard watches over the connections made for one source.
type guard struct {
	host    string // as declared, with its port when it has one
	inside  atomic.Bool
	proxies sync.Map // "host:port" of those used
}

// refuseName refuses what the name alone shows, also when a proxy would look it up.
func refuseName(host string) error {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "metadata.google.internal" || host == "metadata" || host == "instance-data" {
		return errMetadata
	}
	if ip, err := netip.ParseAddr(host); err == nil && isMetadata(ip) {
		return errMetadata
	}
	return nil
}

// allow judges the address that a name led to, before a connection is made.
func (g *guard) allow(dialled, resolved string) error {
	at, err := netip.ParseAddrPort(resolved)
	if err != nil {
		return err
	}
	if isMetadata(at.Addr()) {
		return errMetadata
	}
	if _, proxy := g.proxies.Load(dialled); proxy {
		return nil
	}
	host, _, err := net.SplitHostPort(dialled)
	if err != nil {
		return err
	}
	if strings.EqualFold(host, g.host) {
		g.inside.Store(isInside(at.Addr()))
		return nil
	}
	if isInside(at.Addr()) && !g.inside.Load() {
		return errInside
	}
	return nil
}

// transport makes connections for one source, one at a time for each host, under the eyes of the guard.
func (g *guard) transport(o Options) *http.Transport {
	t := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
		MaxConnsPerHost: 1, DisableCompression: true, MaxResponseHeaderBytes: 1 << 20,
		TLSHandshakeTimeout: 15 * time.Second, ResponseHeaderTimeout: o.Stall, IdleConnTimeout: 10 * time.Second,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			d := net.Dialer{Timeout: 30 * time.Second, ControlContext: func(_ context.Context, _, resolved string, _ syscall.RawConn) error {
				return g.allow(address, resolved)
			}}
			return d.DialContext(ctx, network, address)
		},
	}
	if o.Proxy != nil {
		t.Proxy = func(r *http.Request) (*url.URL, error) {
			u, err := o.Proxy(r)
			if u != nil {
				port := u.Port()
				if port == "" {
					port = map[string]string{"http": "80", "https": "443", "socks5": "1080"}[u.Scheme]
				}
				g.proxies.Store(net.JoinHostPort(u.Hostname(), port), true)
			}
			return u, err
		}
	}
	return t
}

// redirect judges each step that a producer sends us on. private are the headers that only the declared host may see.
func (g *guard) redirect(private []string) func(*http.Request, []*http.Request) error {
	return func(r *http.Request, via []*http.Request) error {
		switch {
		case len(via) > mostRedirect:
			return fmt.Errorf("the producer sends us from address to address, more than %d times", mostRedirect)
		case r.URL.Scheme != "https" && r.URL.Scheme != "http":
			return fmt.Errorf("the producer sends us to an address of %s: refused", r.URL.Scheme)
		case r.URL.Scheme == "http" && via[len(via)-1].URL.Scheme == "https":
			return errors.New("the producer sends us from https to http: refused")
		}
		if r.URL.Host != via[0].URL.Host {
			for _, name := range private {
				r.Header.Del(name)
			}
		}
		r.Header.Del("Referer") // it would carry the query, and with it a secret
		return refuseName(r.URL.Hostname())
	}
}
