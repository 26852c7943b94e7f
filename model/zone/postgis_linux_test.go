package zone

import (
	"bytes"
	"errors"
	"fmt"
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

// postgis is a cluster of its own in a temporary folder, reached only through a socket there. Tests share it; TestMain stops
// it and removes the folder.
type postgis struct {
	bin, dir string
	stop     func()
	login    *syscall.Credential // of the user postgres when we are root, which PostgreSQL refuses to run as
}

var sharedPostGIS = sync.OnceValues(startPostGIS)

var started *postgis // for TestMain

func TestMain(m *testing.M) {
	code := m.Run()
	if started != nil {
		started.stop()
	}
	os.Exit(code)
}

func needPostGIS(t testing.TB) *postgis {
	t.Helper()
	p, err := sharedPostGIS()
	if errors.Is(err, errNoPostGIS) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var errNoPostGIS = errors.New("PostGIS is absent: install postgresql and its postgis package to compare with it")

func startPostGIS() (*postgis, error) {
	p := &postgis{}
	if p.bin = programs(); p.bin == "" {
		return nil, errNoPostGIS
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
	_, err = p.sql("CREATE EXTENSION postgis;", nil)
	if err != nil && strings.Contains(err.Error(), "is not available") {
		err = errNoPostGIS
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

func (p *postgis) asPostgres() error {
	u, err := user.Lookup("postgres")
	if err != nil {
		return fmt.Errorf("%w (running as root, and there is no user postgres)", errNoPostGIS)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	p.login = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(p.dir, uid, gid)
}

func (p *postgis) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.Dir = p.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.login}
	return cmd
}

func (p *postgis) run(name string, args ...string) error {
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
func (p *postgis) watch() error {
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

// sql runs a script; copied is what its COPY … FROM STDIN reads. It gives the rows printed, cells separated by "|".
func (p *postgis) sql(script string, copied []byte) ([]string, error) {
	cmd := p.command("psql", "-h", p.dir, "-U", "postgres", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1")
	if copied != nil {
		copied = append(bytes.TrimSuffix(copied, []byte("\n")), "\n\\.\n"...)
	}
	before, after, _ := strings.Cut(script, "-- data\n")
	cmd.Stdin = strings.NewReader(before + string(copied) + after)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("psql: %w: %s", err, problems.String())
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), nil
}

func (p *postgis) mustSQL(t testing.TB, script string, copied []byte) []string {
	t.Helper()
	rows, err := p.sql(script, copied)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
