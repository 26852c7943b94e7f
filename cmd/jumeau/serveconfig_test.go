package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"jumeau/model"
)

// certificate writes one for 127.0.0.1 with a name.
func certificate(t *testing.T, dir, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// lockedBuffer takes the log of a server that runs.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.String()
}

func within(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 100 {
		if is() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("in ten seconds it does not come: %s", what)
}

// A server over https takes up a new configuration and a new certificate while it answers, and refuses wrong ones.
func TestAServerTakesUpItsConfigurationAndItsCertificateWhileItAnswers(t *testing.T) {
	releases, ids := threeReleases(t)
	dir := t.TempDir()
	certificate(t, dir, "first")
	config := filepath.Join(dir, "server.yaml")
	write := func(more string) {
		text := fmt.Sprintf("releases: %s\naddr: 127.0.0.1:0\nstate: %s\naccess_log: true\nadmin: {addr: \"127.0.0.1:0\"}\ntls: {certificate: %s, key: %s}\n%s", releases, filepath.Join(dir, "state"),
			filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), more)
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("")
	out, in := io.Pipe()
	var errOut, log lockedBuffer
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	verb := serveVerb{Config: config}
	go func() {
		done <- verb.Run(&app{ctx: ctx, out: in, errOut: &errOut, log: slog.New(slog.NewTextHandler(&log, nil))})
		in.Close()
	}()
	lines := bufio.NewReader(out)
	address, err := lines.ReadString('\n')
	if err != nil || !strings.HasPrefix(address, "https://") {
		t.Fatalf("%q, %v, %v", address, err, <-done)
	}
	var access lockedBuffer
	go io.Copy(&access, lines)
	name := ""
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
		name = s.PeerCertificates[0].Subject.CommonName
		return nil
	}}}}
	get := func(path string, headers ...string) int {
		q, _ := http.NewRequest(http.MethodGet, strings.TrimSpace(address)+path, nil)
		for i := 0; i < len(headers); i += 2 {
			q.Header.Set(headers[i], headers[i+1])
		}
		answer, err := client.Do(q)
		if err != nil {
			t.Error(err)
			return 0
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if get("readyz") != 200 || name != "first" || !strings.Contains(errOut.text(), ids[2]) {
		t.Errorf("%s %s", name, errOut.text())
	}
	certificate(t, dir, "second")
	within(t, "the new certificate", func() bool { return get("readyz") == 200 && name == "second" })
	if err := os.WriteFile(filepath.Join(dir, "cert.pem"), []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	within(t, "a warning about the certificate", func() bool { return get("readyz") == 200 && strings.Contains(log.text(), "certificate refused") })
	if name != "second" {
		t.Errorf("answers with %s", name)
	}
	certificate(t, dir, "third")

	var shown bytes.Buffer
	if code := run([]string{"token", "create", "--state", filepath.Join(dir, "state"), "--audience", "steward", "--verbs", "read,metrics"}, &shown, io.Discard); code != 0 {
		t.Fatal(shown.String())
	}
	bearer := "Bearer " + strings.TrimSpace(shown.String())
	within(t, "the token", func() bool { return get("metrics", "Authorization", bearer) == 200 })
	write("limits: {requests: 1, requests_bust: 3}\n")
	within(t, "a warning about the configuration", func() bool {
		return strings.Contains(log.text(), "configuration refused") && strings.Contains(log.text(), "requests_burst")
	})
	if get("catalog") != 200 {
		t.Error("the server does not answer any more")
	}
	write("limits: {requests: 0.01, requests_burst: 3}\n")
	within(t, "the limit", func() bool { return get("catalog") == 429 })
	write("limits: {requests: 0.01, requests_burst: 3}\naudience: agent\ncache_mib: 7\n")
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	within(t, "a word about what needs a restart", func() bool { return strings.Contains(log.text(), "key=cache_mib") })

	id := strings.Split(shown.String(), "_")[1]
	if code := run([]string{"token", "revoke", id, "--state", filepath.Join(dir, "state")}, io.Discard, io.Discard); code != 0 {
		t.Error("not revoked")
	}
	within(t, "the end of the token", func() bool { return get("catalog", "Authorization", bearer) == 401 })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if text := access.text(); !strings.Contains(text, `"route":"/catalog"`) || strings.Contains(text, "127.0.0.1") || strings.Contains(text, "Go-http-client") || strings.Contains(text, "jumeau_") {
		t.Errorf("the access log: %s", text)
	}
}

func TestAConfigurationIsReadStrictly(t *testing.T) {
	for text, want := range map[string]string{
		"adr: 127.0.0.1:80":                           `unknown key "adr" (did you mean "addr"?)`,
		"addr: here":                                  "server.yaml:1:7",
		"releases: rel":                               "an absolute path",
		"audience: everybody":                         "one of",
		"tls: {certificate: /c}":                      "tls.key is missing",
		"proxy: {from: [nowhere]}":                    "no address and no network",
		"proxy: {from: [10.0.0.1], user: X-User}":     "let_in is missing",
		"proxy: {from: [10.0.0.1], groups: X-Groups}": "user is missing",
		"limits: {cost: 5}":                           "cost and cost_burst go together",
		"sign_in: {issuer: https://idp.example, client_id: a, client_secret: {env: A}, let_in: [{audience: agent, claim: email, in: [a@b]}]}":                                           "public_url",
		"public_url: http://twin.example\nsign_in: {issuer: https://idp.example, client_id: a, client_secret: {env: A}, let_in: [{audience: agent, claim: email, in: [a@b]}]}":          "needs https",
		"public_url: https://twin.example\nsign_in: {issuer: https://idp.example, client_id: a, client_secret: {env: A, file: /x}, let_in: [{audience: agent, claim: email, in: [a]}]}": "give one of them",
		"public_url: https://twin.example\nsign_in: {issuer: https://idp.example, client_id: a, client_secret: {env: A}, let_in: [{audience: public, claim: email, in: [a]}]}":          "one of",
		"public_url: https://twin.example\nsign_in: {issuer: https://idp.example, client_id: a, client_secret: {env: A}, let_in: [{audience: agent, claim: email}]}":                    "in or ends is missing",
	} {
		path := filepath.Join(t.TempDir(), "server.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := readConfig(path)
		if model.KindOf(err) != model.Invalid || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "^") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestTheUnitOfTheServerIsHardened(t *testing.T) {
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed (Debian's package systemd)")
	}
	releases, _ := threeReleases(t)
	for name, more := range map[string]string{"reads": "", "moves the pointer": "admin: {move_pointer: true}\nmemory_mib: 512\n", "low port": "addr: \":443\"\n"} {
		dir := t.TempDir()
		config := filepath.Join(dir, "server.yaml")
		if err := os.WriteFile(config, []byte("releases: "+releases+"\nstate: "+dir+"\n"+more), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errOut bytes.Buffer
		if code := run([]string{"serve", "--config", config, "--systemd", dir, "--user", "daemon"}, &out, &errOut); code != 0 {
			t.Fatal(errOut.String())
		}
		unit := strings.TrimSpace(out.String())
		text, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		if said, err := exec.Command(tool, "verify", "--man=no", unit).CombinedOutput(); err != nil || strings.Contains(string(said), "jumeau-serve") {
			t.Errorf("%s: %v\n%s", name, err, said)
		}
		said, err := exec.Command(tool, "security", "--offline=yes", unit).CombinedOutput()
		var ended *exec.ExitError
		if err != nil && !errors.As(err, &ended) {
			t.Fatal(err)
		}
		score := regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`).FindStringSubmatch(string(said))
		if score == nil || score[1] >= "2.0" {
			t.Errorf("%s: exposure %v\n%s", name, score, said)
		} else {
			t.Logf("%s: exposure %s", name, score[1])
		}
		if writes := strings.Contains(string(text), releases+"\nMemoryHigh=1024M"); writes != (name == "moves the pointer") {
			t.Errorf("%s: may write to the releases: %v\n%s", name, writes, text)
		}
	}
}
