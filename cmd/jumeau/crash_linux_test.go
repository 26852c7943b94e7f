package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// idBits begin the identifiers of a million rows that are whole numbers.
const idBits = 0x5a51584a << 16

// marksOf are what identifiers begin with: as texts, as numbers in memory, as a trace prints them. They are made when they are needed: the
// program under test is this binary, and must not have them in its memory before it reads them.
func marksOf(texts bool) marks {
	if texts {
		return marks{fmt.Appendf(nil, "%s-card-", canary)}
	}
	return marks{fmt.Appendf(nil, "%x", idBits>>16), binary.LittleEndian.AppendUint64(nil, idBits)[2:]}
}

// largeTown has rows enough that a signal finds them in memory; identifiers are whole numbers where texts is false.
func largeTown(t *testing.T, texts bool) string {
	t.Helper()
	dir := plantedTown(t, 10)
	for _, name := range []string{"sources/devices.yaml", "sources/trips.yaml"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	layer := "layer: communes\ntitle: {fr: C, en: C}\ngeometry: {zones: commune, zoom: 5-12}\nmeasures: [seen]\n"
	if err := os.WriteFile(filepath.Join(dir, "layers", "communes.yaml"), []byte(layer), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(dir, "cards.csv"))
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(file)
	fmt.Fprintln(w, "card,at,zone")
	for i := range 1_000_000 {
		id := fmt.Sprint(idBits + i%60_000)
		if texts {
			id = fmt.Sprintf("%s-card-%06d", canary, i)
		}
		fmt.Fprintf(w, "%s,2026-02-%02dT08:%02d:00,1\n", id, 1+i%28, i%60)
	}
	if err := errors.Join(w.Flush(), file.Close()); err != nil {
		t.Fatal(err)
	}
	if !texts {
		path := filepath.Join(dir, "sources", "cards.yaml")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, bytes.Replace(text, []byte("card: {type: text"), []byte("card: {type: integer"), 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// unlimited runs a command with core files of any size, and traces as long as they get.
func unlimited(cmd *exec.Cmd) *exec.Cmd {
	cmd.Args = append([]string{"bash", "-c", `ulimit -c unlimited && exec "$0" "$@"`, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/bash"
	cmd.Env = append(cmd.Env, "GOTRACEBACK=crash")
	return cmd
}

func dumped(err error) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.CoreDump()
}

// crash starts a command, waits until the condition holds of the stopped process, and sends the signal at that moment. false: the condition
// never held.
func crash(t *testing.T, cmd *exec.Cmd, signal syscall.Signal, holds func(pid int) bool) (met bool, err error) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			return false, err
		case <-time.After(15 * time.Millisecond):
		}
		_ = cmd.Process.Signal(syscall.SIGSTOP) // it may have ended
		if holds(cmd.Process.Pid) {
			if err := errors.Join(cmd.Process.Signal(signal), cmd.Process.Signal(syscall.SIGCONT)); err != nil {
				t.Fatal(err)
			}
			return true, <-ended
		}
		_ = cmd.Process.Signal(syscall.SIGCONT)
	}
}

// remembers says whether the memory of a process holds a mark.
func remembers(t *testing.T, pid int, m marks) (found bool) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return false
	}
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Skipf("the memory of a process cannot be looked at here: %v", err)
	}
	defer mem.Close()
	for line := range strings.Lines(string(maps)) {
		var from, to int64
		var flags string
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &flags); n != 3 || !strings.HasPrefix(flags, "rw") || strings.Contains(line, "/") {
			continue
		}
		data, err := io.ReadAll(io.NewSectionReader(mem, from, min(to-from, 64<<20)))
		if err != nil && len(data) == 0 {
			continue
		}
		for _, mark := range m {
			if bytes.Contains(data, mark) {
				return true
			}
		}
	}
	return false
}

// T2, core files and traces: a run that is shot while rows about people are in its memory leaves none of them anywhere. A program that
// has no gate is shot in the same way beside it, and leaves a core.
func TestARunThatCrashesLeavesNothingOfARow(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a million rows")
	}
	control := newSandbox(t)
	serving := unlimited(control.command("serve", "--releases", control.releases, "--addr", "127.0.0.1:0"))
	if met, err := crash(t, serving, syscall.SIGABRT, func(pid int) bool { return running(pid, "jumeau") }); !met || !dumped(err) {
		t.Skipf("this machine writes no core files (%v): nothing can be shown", err)
	}
	for name, c := range map[string]struct {
		texts  bool
		signal syscall.Signal
	}{
		"texts, SIGABRT":         {true, syscall.SIGABRT},
		"whole numbers, SIGQUIT": {false, syscall.SIGQUIT},
		"whole numbers, SIGSEGV": {false, syscall.SIGSEGV},
	} {
		t.Run(name, func(t *testing.T) {
			dir, box, needle := largeTown(t, c.texts), newSandbox(t), marksOf(c.texts)
			cmd := unlimited(box.command("run", dir, "--releases", box.releases, "-q"))
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			met, err := crash(t, cmd, c.signal, func(pid int) bool { return remembers(t, pid, needle) })
			if !met {
				t.Fatalf("rows were never seen in memory (%v)\n%s", err, out.String())
			}
			if err == nil {
				t.Fatal("the run went on")
			}
			if dumped(err) {
				t.Error("a core was dumped")
			}
			if hits := append(needle.below(t, box.folders()...), cores(t, box.work)...); len(hits) > 0 {
				t.Errorf("found in %v", hits)
			}
			if needle.in(t, out.Bytes(), "") {
				t.Errorf("the log or a trace shows identifiers:\n%.2000s", out.String())
			}
		})
	}
}

// running says whether a process has become the program, and has had time to begin.
func running(pid int, name string) bool {
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	text, statErr := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(text), "Threads:\t")
	threads := 0
	fmt.Sscan(rest, &threads)
	return err == nil && statErr == nil && filepath.Base(path) == name && threads > 4
}

func cores(t *testing.T, folder string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, "core*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
