package query

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"jumeau/model"
)

// Certificate is a certificate with its key in files, read again when they change, so that a renewal needs no restart.
// Safe for concurrent use.
type Certificate struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	looked time.Time
	stamp  string
	loaded *tls.Certificate
}

// NewCertificate reads the files for the first time.
func NewCertificate(cert, key string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{cert: cert, key: key, log: log}
	return c, c.read(c.now())
}

// Config for a server: TLS 1.2 and later, with what Go holds for safe.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(), nil }}
}

// current is the certificate, read again when the files changed, looked at once a second at most. One that cannot be read is
// warned of once, and the one before stays.
func (c *Certificate) current() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < time.Second {
		return c.loaded
	}
	if stamp := c.now(); stamp != c.stamp {
		if err := c.read(stamp); err != nil {
			c.log.Warn("certificate refused, the one before stays", "error", err, "hint", model.HintOf(err))
			c.stamp = stamp
		}
	}
	c.looked = time.Now()
	return c.loaded
}

func (c *Certificate) now() string {
	stamp := ""
	for _, name := range []string{c.cert, c.key} {
		if info, err := os.Stat(name); err == nil {
			stamp += fmt.Sprint(info.ModTime().UnixNano(), info.Size(), " ")
		}
	}
	return stamp
}

func (c *Certificate) read(stamp string) error {
	if info, err := os.Stat(c.key); err == nil && info.Mode().Perm()&0o077 != 0 {
		return &model.Error{Kind: model.Invalid, Op: "read certificate", Subject: c.key, Hint: "run: chmod 600 " + c.key, Err: errors.New("others can read the private key")}
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return &model.Error{Kind: model.Invalid, Op: "read certificate", Subject: c.cert, Hint: "give PEM files of a certificate and of its key", Err: err}
	}
	c.loaded, c.stamp = &pair, stamp
	return nil
}
