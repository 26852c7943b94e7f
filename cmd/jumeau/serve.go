package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"jumeau/model"
	"jumeau/model/release"
	"jumeau/query"
	"jumeau/query/web"
)

// serveVerb answers planners from the current release of a folder, until it is interrupted.
type serveVerb struct {
	Releases  string `required:"" help:"Folder of releases. It may still be empty: what is published later is served by itself." placeholder:"DIR"`
	Addr      string `help:"Address to listen on. 127.0.0.1 is this machine only; :8080 is every network." default:"127.0.0.1:8080"`
	PublicURL string `name:"public-url" help:"Address under which planners reach the server, when a proxy stands before it." placeholder:"URL"`
	Audience  string `enum:"public,agent,steward" default:"public" help:"Who is served: ${enum}. Layers for agents need a proxy that lets only agents in."`
	Key       string `help:"Public key (PEM) that must have signed a release; default the keys of the releases folder." type:"existingfile" placeholder:"FILE"`
	Cache     int    `help:"Memory for compressed answers, in MiB." default:"64"`
}

func (serveVerb) Examples() string {
	return "jumeau serve --releases releases\n  jumeau serve --releases releases --addr :8080 --public-url https://twin.example.org"
}

func (v *serveVerb) Run(a *app) error {
	var keys []ed25519.PublicKey
	if v.Key != "" {
		var err error
		if keys, err = release.ReadPublicKeys(v.Key); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", v.Addr)
	if err != nil {
		return v.notListening(err)
	}
	opt := query.Options{Log: a.log, Version: version, PublicURL: v.PublicURL, Audience: v.Audience, Keys: keys, CacheBytes: int64(v.Cache) << 20}
	page, built := web.FS()
	if built {
		opt.Page, opt.PagePolicy = page, web.ContentSecurityPolicy
	}
	server := query.New(v.Releases, opt)
	defer server.Close()
	v.greet(a, listener.Addr(), built)
	return server.Serve(a.ctx, listener)
}

// greet prints one link, and what is missing.
func (v *serveVerb) greet(a *app, addr net.Addr, built bool) {
	fmt.Fprintln(a.out, link(addr))
	if !built {
		fmt.Fprintln(a.errOut, "This program was built without the map page; everything else is served. To build it: make web, then make build.")
	}
	id, err := release.Current(v.Releases)
	if err != nil {
		fmt.Fprintf(a.errOut, "Nothing is published in %s yet. Publish with: jumeau run TERRITORY --releases %s\nIt is served as soon as it is there; no need to start again.\n",
			v.Releases, v.Releases)
		return
	}
	fmt.Fprintf(a.errOut, "Serving %s. Stop with Ctrl-C.\n", id)
}

// link is the address to open in a browser on this machine.
func link(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return "http://" + addr.String() + "/"
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port) + "/"
}

func (v *serveVerb) notListening(err error) error {
	hint := "write an address of this machine, as in --addr 127.0.0.1:8080"
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		hint = "another program listens there; choose another port, as in --addr 127.0.0.1:8081"
	case errors.Is(err, os.ErrPermission):
		hint = "ports below 1024 need rights; choose a higher one, as in --addr :8080"
	}
	return &model.Error{Kind: model.Unavailable, Op: "listen on", Subject: v.Addr, Hint: hint, Err: err}
}
