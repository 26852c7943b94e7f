package main

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"jumeau/model"
	"jumeau/model/release"
	"jumeau/query"
	"jumeau/query/door"
	"jumeau/query/web"
)

// serveVerb answers planners from the current release of a folder, until it is interrupted.
type serveVerb struct {
	Config    string `help:"Configuration: doors, limits, TLS (doc/serving.md). Flags count more than the file." type:"existingfile" placeholder:"FILE"`
	Releases  string `help:"Folder of releases. It may still be empty: what is published later is served by itself." placeholder:"DIR"`
	Addr      string `help:"Address to listen on. 127.0.0.1 is this machine only; :8080 is every network. Default 127.0.0.1:8080." placeholder:"ADDR"`
	PublicURL string `name:"public-url" help:"Address under which planners reach the server, when a proxy stands before it." placeholder:"URL"`
	Audience  string `enum:",public,agent,steward" default:"" help:"Whom anonymous visitors count as: public (default), agent, steward. With the last two, let only agents or stewards reach the server."`
	Key       string `help:"Public key (PEM) that must have signed a release; default the keys of the releases folder." type:"existingfile" placeholder:"FILE"`
	Cache     int    `help:"Memory for compressed answers, in MiB. Default 64." placeholder:"MIB"`
	Systemd   string `help:"Write a hardened service for systemd into this folder, and end. Needs --config." placeholder:"DIR"`
	User      string `help:"With --systemd: user that serves; default you." placeholder:"NAME"`
	Secrets   string `help:"With --systemd: file with the environment variables that hold secrets." placeholder:"FILE"`
}

func (serveVerb) Examples() string {
	return "jumeau serve --releases releases\n  jumeau serve --releases releases --addr :8080 --public-url https://twin.example.org\n  jumeau serve --config /etc/jumeau/server.yaml"
}

func (v *serveVerb) Run(a *app) error {
	settings, err := v.settings()
	if err != nil {
		return err
	}
	if v.Systemd != "" {
		return v.unit(a, settings)
	}
	opt, err := v.options(a, settings)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", settings.Addr)
	if err != nil {
		return v.notListening(settings.Addr, err)
	}
	scheme := "http"
	if t := settings.TLS; t != nil {
		certificate, err := query.NewCertificate(t.Certificate, t.Key, a.log)
		if err != nil {
			listener.Close()
			return err
		}
		scheme = "https"
		listener = tls.NewListener(listener, certificate.Config())
	}
	limitMemory(settings)
	server := query.New(settings.Releases, opt)
	defer server.Close()
	stop, err := v.inner(a, settings, server)
	if err != nil {
		listener.Close()
		return err
	}
	defer stop()
	ctx, cancel := context.WithCancel(a.ctx)
	defer cancel()
	followed := make(chan struct{})
	go func() { defer close(followed); v.follow(ctx, a.log, settings, server) }()
	v.greet(a, scheme, listener.Addr(), opt.Page != nil, settings.Releases)
	err = server.Serve(ctx, listener)
	cancel()
	<-followed
	return err
}

// settings are those of the file, with the flags before them and the defaults behind.
func (v *serveVerb) settings() (*model.Server, error) {
	s := &model.Server{}
	if v.Config != "" {
		var err error
		if s, err = readConfig(v.Config); err != nil {
			return nil, err
		}
	}
	s.Releases, s.Addr = cmp.Or(v.Releases, s.Releases), cmp.Or(v.Addr, s.Addr, "127.0.0.1:8080")
	s.PublicURL, s.Audience = cmp.Or(v.PublicURL, s.PublicURL), cmp.Or(v.Audience, s.Audience, door.Public)
	s.CacheMiB = cmp.Or(v.Cache, s.CacheMiB, 64)
	if s.Releases == "" {
		return nil, &model.Error{Kind: model.Invalid, Op: "serve", Subject: "folder of releases", Hint: "give --releases DIR, or releases: in the configuration", Err: errors.New("it is not named")}
	}
	return s, nil
}

func (v *serveVerb) options(a *app, s *model.Server) (opt query.Options, err error) {
	opt = query.Options{Log: a.log, Version: version, PublicURL: s.PublicURL, CacheBytes: int64(s.CacheMiB) << 20, MovePointer: s.Admin != nil && s.Admin.MovePointer}
	if v.Key != "" {
		var keys []ed25519.PublicKey
		if keys, err = release.ReadPublicKeys(v.Key); err != nil {
			return opt, err
		}
		opt.Keys = keys
	}
	if page, built := web.FS(); built {
		opt.Page, opt.PagePolicy = page, web.ContentSecurityPolicy
	}
	if s.AccessLog {
		opt.AccessLog = slog.New(slog.NewJSONHandler(a.out, nil))
	}
	opt.Doors, err = doors(a.log, s, nil)
	return opt, err
}

// doors opens the doors of a configuration; before are those that it takes the place of.
func doors(log *slog.Logger, s *model.Server, before *door.Doors) (*door.Doors, error) {
	o, err := door.FromSettings(s, os.Getenv)
	if err != nil {
		return nil, err
	}
	o.Log = log
	return door.Open(o, before)
}

// limitMemory tells Go how much it may hold; GOMEMLIMIT counts when the configuration says nothing.
func limitMemory(s *model.Server) {
	if s.MemoryMiB > 0 {
		debug.SetMemoryLimit(int64(s.MemoryMiB) << 20)
	}
}

// inner listens where Prometheus reads, when that is asked.
func (v *serveVerb) inner(a *app, s *model.Server, server *query.Server) (stop func(), err error) {
	if s.Admin == nil || s.Admin.Addr == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", s.Admin.Addr)
	if err != nil {
		return nil, v.notListening(s.Admin.Addr, err)
	}
	h := &http.Server{Handler: server.Inner(), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := h.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.log.Warn("the inner listener ended", "error", err)
		}
	}()
	return func() { h.Close(); <-ended }, nil
}

// greet prints one link, and what is missing.
func (v *serveVerb) greet(a *app, scheme string, addr net.Addr, built bool, releases string) {
	fmt.Fprintln(a.out, link(scheme, addr))
	if !built {
		fmt.Fprintln(a.errOut, "This program was built without the map page; everything else is served. To build it: make web, then make build.")
	}
	id, err := release.Current(releases)
	if err != nil {
		fmt.Fprintf(a.errOut, "Nothing is published in %s yet. Publish with: jumeau run TERRITORY --releases %s\nIt is served as soon as it is there; no need to start again.\n",
			releases, releases)
		return
	}
	fmt.Fprintf(a.errOut, "Serving %s. Stop with Ctrl-C.\n", id)
}

// link is the address to open in a browser on this machine.
func link(scheme string, addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return scheme + "://" + addr.String() + "/"
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port) + "/"
}

func (v *serveVerb) notListening(addr string, err error) error {
	hint := "write an address of this machine, as in --addr 127.0.0.1:8080"
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		hint = "another program listens there; choose another port, as in --addr 127.0.0.1:8081"
	case errors.Is(err, os.ErrPermission):
		hint = "ports below 1024 need rights; choose a higher one, as in --addr :8080"
	}
	return &model.Error{Kind: model.Unavailable, Op: "listen on", Subject: addr, Hint: hint, Err: err}
}
