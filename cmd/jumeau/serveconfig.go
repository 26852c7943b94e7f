package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"jumeau/internal/systemd"
	"jumeau/model"
	"jumeau/model/declare"
	"jumeau/query"
)

// readConfig reads the configuration of a server; what is wrong with it is shown with its lines.
func readConfig(path string) (*model.Server, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &model.Error{Kind: model.Unavailable, Op: "read configuration", Subject: path, Hint: "look at the path and the permissions of the file", Err: err}
	}
	s, err := declare.ReadServer(path, text)
	var problems declare.Problems
	if errors.As(err, &problems) {
		return nil, &model.Error{Kind: model.Invalid, Op: "read configuration", Hint: model.HintOf(err), Err: shownProblems{problems}}
	}
	return s, err
}

// shownProblems are problems with the lines that they are on.
type shownProblems struct{ declare.Problems }

func (p shownProblems) Error() string { return "\n" + strings.TrimRight(p.Text(), "\n") }

// follow takes the configuration up again when the file changes and on SIGHUP, until the context ends. A wrong one is refused, once,
// and what was read before stays.
func (v *serveVerb) follow(ctx context.Context, log *slog.Logger, before *model.Server, server *query.Server) {
	if v.Config == "" {
		return
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGHUP)
	defer signal.Stop(asked)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	stamp := stampOf(v.Config)
	for {
		select {
		case <-ctx.Done():
			return
		case <-asked:
		case <-ticker.C:
			if stampOf(v.Config) == stamp {
				continue
			}
		}
		stamp = stampOf(v.Config)
		now, err := v.reload(log, before, server)
		if err != nil {
			log.Warn("configuration refused, the one before stays", "error", err, "hint", model.HintOf(err))
			continue
		}
		before = now
	}
}

// stampOf a file changes when the file does.
func stampOf(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return "absent"
	}
	return fmt.Sprint(info.ModTime().UnixNano(), info.Size())
}

func (v *serveVerb) reload(log *slog.Logger, before *model.Server, server *query.Server) (*model.Server, error) {
	s, err := v.settings()
	if err != nil {
		return nil, err
	}
	d, err := doors(log, s, server.Doors())
	if err != nil {
		return nil, err
	}
	limitMemory(s)
	server.SetDoors(d)
	log.Info("configuration read again", "file", v.Config)
	for key, changed := range map[string]bool{"releases": s.Releases != before.Releases, "addr": s.Addr != before.Addr, "public_url": s.PublicURL != before.PublicURL,
		"cache_mib": s.CacheMiB != before.CacheMiB, "access_log": s.AccessLog != before.AccessLog, "admin": admin(s) != admin(before), "tls": (s.TLS == nil) != (before.TLS == nil) || s.TLS != nil && *s.TLS != *before.TLS} {
		if changed {
			log.Warn("this change needs a restart", "key", key)
		}
	}
	return s, nil
}

func admin(s *model.Server) model.ServerAdmin {
	if s.Admin == nil {
		return model.ServerAdmin{}
	}
	return *s.Admin
}

// unit writes the service of systemd.
func (v *serveVerb) unit(a *app, s *model.Server) error {
	if v.Config == "" {
		return &model.Error{Kind: model.Invalid, Op: "write unit", Subject: "configuration", Hint: "write /etc/jumeau/server.yaml and name it with --config", Err: errors.New("it is not named")}
	}
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	config, err := filepath.Abs(v.Config)
	if err != nil {
		return err
	}
	releases, err := filepath.Abs(s.Releases)
	if err != nil {
		return err
	}
	user := v.User
	if user == "" {
		user, _, _ = strings.Cut(whoami(), "@")
	}
	u := serveUnit{Binary: binary, Config: config, Releases: releases, State: s.State, User: user, Secrets: v.Secrets, MemoryMiB: s.MemoryMiB,
		Writes: admin(s).MovePointer, Low: lowPort(s.Addr)}
	if err := os.MkdirAll(v.Systemd, 0o755); err != nil {
		return err
	}
	path := filepath.Join(v.Systemd, "jumeau-serve.service")
	if err := os.WriteFile(path, []byte(u.text()), 0o644); err != nil {
		return err
	}
	fmt.Fprintln(a.out, path)
	return nil
}

// lowPort says whether an address needs a right to listen on.
func lowPort(addr string) bool {
	var port int
	_, err := fmt.Sscan(addr[strings.LastIndexByte(addr, ':')+1:], &port)
	return err == nil && port > 0 && port < 1024
}

// serveUnit says what the unit holds.
type serveUnit struct {
	Binary, Config, Releases, State, User, Secrets string
	MemoryMiB                                      int
	Writes                                         bool // moves the pointer of the releases folder
	Low                                            bool // listens on a port below 1024
}

func (u serveUnit) text() string {
	secrets, writable, memory, rights := "", []string{}, "", "CapabilityBoundingSet=\n"
	if u.Secrets != "" {
		secrets = "EnvironmentFile=" + u.Secrets + "\n"
	}
	for _, path := range []string{u.State, map[bool]string{true: u.Releases}[u.Writes]} {
		if path != "" {
			writable = append(writable, systemd.Quote(filepath.Clean(path)))
		}
	}
	if u.MemoryMiB > 0 { // twice what Go keeps to: mapped files count here, and are given back first
		memory = fmt.Sprintf("MemoryHigh=%dM\nMemoryMax=%dM\n", 2*u.MemoryMiB, 2*u.MemoryMiB+256)
	}
	hardening := systemd.Hardening
	if u.Low {
		rights = "CapabilityBoundingSet=CAP_NET_BIND_SERVICE\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n"
		hardening = strings.Replace(hardening, "AmbientCapabilities=\n", "", 1)
	} else {
		rights += "PrivateUsers=yes\n"
	}
	return fmt.Sprintf(`# Written by jumeau serve --systemd. Put it into /etc/systemd/system, then:
#   systemctl daemon-reload && systemctl enable --now jumeau-serve.service
# systemctl reload reads the configuration again.
[Unit]
Description=jumeau: the digital twin, served
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
ExecStart=%s serve --config %s
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=2s
TimeoutStopSec=20s
User=%s
%sReadOnlyPaths=%s
%s%sLimitNOFILE=65536
UMask=0077
ProtectHome=yes
ProcSubset=pid
RestrictAddressFamilies=AF_INET AF_INET6
%s%s
[Install]
WantedBy=multi-user.target
`, systemd.Quote(u.Binary), systemd.Quote(u.Config), u.User, secrets, systemd.Quote(cmp.Or(filepath.Clean(u.Releases), "/")), readWrite(writable), memory, rights, hardening)
}

func readWrite(paths []string) string {
	if len(paths) == 0 {
		return ""
	}
	return "ReadWritePaths=" + strings.Join(paths, " ") + "\n"
}
