// Package pgtest starts a PostgreSQL cluster with PostGIS for tests and benchmarks that compare with it.
package pgtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Cluster is a cluster of its own in a temporary folder, reached only through a socket there.
type Cluster struct {
	bin, dir string
	stop     func()
	login    *syscall.Credential // of the user postgres when we are root, which PostgreSQL refuses to run as
}

var shared = sync.OnceValues(start)

var started *Cluster // for Stop

// Stop ends the cluster, if one was started, and removes its folder. For TestMain.
func Stop() {
	if started != nil {
		started.stop()
	}
}

// Need is the cluster that the tests of a package share. The test is skipped with a message when PostGIS is not installed.
func Need(t testing.TB) *Cluster {
	t.Helper()
	p, err := shared()
	if errors.Is(err, errAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var errAbsent = errors.New("PostGIS is absent: install postgresql and its postgis package to compare with it")

func start() (*Cluster, error) {
	p := &Cluster{}
	if p.bin = programs(); p.bin == "" {
		return nil, errAbsent
	}
	var err error
	if p.dir, err = os.MkdirTemp("", "jumeau-postgis-"); err != nil {
		return nil, err
	}
	if os.Geteuid() == 0 {
		if err := p.asPostgres(); err != nil {
			return nil, err
		}
	}
	if err := p.watch(); err != nil {
		return nil, err
	}
	started = p
	if err := p.run("initdb", "-D", p.dir+"/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"); err != nil {
		return nil, err
	}
	options := fmt.Sprintf("-k %s -c listen_addresses='' -c fsync=off -c autovacuum=off", p.dir)
	if err := p.run("pg_ctl", "-D", p.dir+"/data", "-l", p.dir+"/log", "-w", "-o", options, "start"); err != nil {
		return nil, err
	}
	_, err = p.SQL("CREATE EXTENSION postgis;", nil)
	if err != nil && strings.Contains(err.Error(), "is not available") {
		err = errAbsent
	}
	return p, err
}

// programs is the folder that has all of PostgreSQL's, of the newest version packaged, or on the path.
func programs() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append([]string{path}, found...)
	}
	for _, path := range slices.Backward(found) {
		dir := filepath.Dir(path)
		if _, err := os.Stat(filepath.Join(dir, "psql")); err == nil {
			return dir
		}
	}
	return ""
}

func (p *Cluster) asPostgres() error {
	u, err := user.Lookup("postgres")
	if err != nil {
		return fmt.Errorf("%w (running as root, and there is no user postgres)", errAbsent)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	p.login = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(p.dir, uid, gid)
}

func (p *Cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.Dir = p.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.login}
	return cmd
}

func (p *Cluster) run(name string, args ...string) error {
	cmd := p.command(name, args...)
	if name != "pg_ctl" { // the server would keep a pipe open
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w: %s", name, err, out)
		}
		return nil
	}
	if err := cmd.Run(); err != nil {
		log, _ := os.ReadFile(p.dir + "/log")
		return fmt.Errorf("%s: %w: %s", name, err, log)
	}
	return nil
}

// watch leaves a small process that waits for the end of ours, however it comes, stops the server and removes the folder.
func (p *Cluster) watch() error {
	cmd := exec.Command("sh", "-c", `read end; "$0/pg_ctl" -D "$1/data" -m immediate -w stop; cd /; rm -rf "$1"`, p.bin, p.dir)
	cmd.Dir, cmd.SysProcAttr = p.dir, &syscall.SysProcAttr{Credential: p.login, Setpgid: true}
	alive, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	p.stop = func() {
		alive.Close()
		_ = cmd.Wait()          // pg_ctl fails when the server never started
		_ = os.RemoveAll(p.dir) // where the user postgres may not write in the folder of temporary files
	}
	return cmd.Start()
}

// Psql is the command of a session, to be given its script on standard input; it stops at the first error.
func (p *Cluster) Psql() *exec.Cmd {
	return p.command("psql", "-h", p.dir, "-U", "postgres", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1")
}

// SQL runs a script; copied, which ends with a newline, is what its COPY … FROM STDIN reads, at the line "-- data". It gives the rows printed, cells
// separated by "|".
func (p *Cluster) SQL(script string, copied io.Reader) ([]string, error) {
	cmd := p.Psql()
	before, after, _ := strings.Cut(script, "-- data\n")
	input := []io.Reader{strings.NewReader(before)}
	if copied != nil {
		input = append(input, copied, strings.NewReader("\\.\n"))
	}
	cmd.Stdin = io.MultiReader(append(input, strings.NewReader(after))...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("psql: %w: %s", err, problems.String())
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), nil
}

// MustSQL is SQL, and its error that of the test.
func (p *Cluster) MustSQL(t testing.TB, script string, copied io.Reader) []string {
	t.Helper()
	rows, err := p.SQL(script, copied)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
