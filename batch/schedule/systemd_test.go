package schedule

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"jumeau/model/cron"
)

func analyze(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed (Debian's package systemd)")
	}
	return path
}

// What systemd makes of our lines is what we make of the cron expression.
func TestSystemdCountsTheSameTimes(t *testing.T) {
	tool := analyze(t)
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	elapse := regexp.MustCompile(`(?m)(?:Next elapse|Iter\S+ #\d+): \w+ ([0-9-]+ [0-9:]+) UTC`)
	for _, text := range []string{"0 2 * * *", "30 3 * * 1-5", "*/15 8-18/2 * * *", "5 4 1,15 * *", "0 6 */7 1-6 *", "0 0 * * 7", "10 1 13 * 5", "0 5 * 2,8 0,3/2"} {
		lines, err := calendars(text, "Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		ours := map[string]bool{}
		s, err := cron.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Date(2026, 4, 1, 0, 0, 0, 0, zone)
		until := start
		theirs := map[string]bool{}
		for _, line := range lines {
			c := exec.Command(tool, "calendar", "--iterations=40", "--base-time="+start.UTC().Format("2006-01-02 15:04:05"), line)
			c.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C")
			out, err := c.CombinedOutput()
			if err != nil {
				t.Fatalf("%q: %v\n%s", line, err, out)
			}
			var last time.Time
			for _, m := range elapse.FindAllStringSubmatch(string(out), -1) {
				at, err := time.Parse("2006-01-02 15:04:05", m[1])
				if err != nil {
					t.Fatal(err)
				}
				theirs[at.Format(time.RFC3339)] = true
				last = at
			}
			if until.Equal(start) || last.Before(until) {
				until = last
			}
		}
		for at := s.Next(start, zone); !at.After(until); at = s.Next(at, zone) {
			ours[at.UTC().Format(time.RFC3339)] = true
		}
		if len(ours) < 5 {
			t.Errorf("%q: only %d times were compared", text, len(ours))
		}
		for at := range ours {
			if !theirs[at] {
				t.Errorf("%q: systemd does not know %s (%s)", text, at, lines)
			}
		}
		for at := range theirs {
			if m, _ := time.Parse(time.RFC3339, at); !m.After(until) && m.After(start) && !ours[at] {
				t.Errorf("%q: only systemd has %s (%s)", text, at, lines)
			}
		}
	}
}

func TestUnitsAreSoundAndHardened(t *testing.T) {
	u := Unit{Territory: "ville", Binary: "/bin/true", Args: []string{"/srv/my towns/ville", "--releases", "/srv/100%"}, Cron: "0 2 * * *", Zone: "Europe/Paris",
		Writable: []string{"/srv/100%", "/srv/my towns/ville"}, User: "root", Secrets: "/etc/jumeau/ville.env"}
	files, err := u.Units()
	if err != nil {
		t.Fatal(err)
	}
	service := files["jumeau-ville.service"]
	for _, line := range []string{`ExecStart=/bin/true schedule --once "/srv/my towns/ville" --releases /srv/100%%`, `ReadWritePaths=/srv/100%% "/srv/my towns/ville"`,
		"SuccessExitStatus=3", "EnvironmentFile=/etc/jumeau/ville.env"} {
		if !strings.Contains(service, line) {
			t.Errorf("there is no %s in\n%s", line, service)
		}
	}
	tool := analyze(t)
	dir := t.TempDir()
	var paths []string
	for name, text := range files {
		paths = append(paths, filepath.Join(dir, name))
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(tool, append([]string{"verify", "--man=no"}, paths...)...).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "jumeau-ville") {
			t.Errorf("systemd says: %s", line)
		}
	}
	t.Logf("verify: %v", err)
	out, err = exec.Command(tool, "security", "--offline=true", "--threshold=30", filepath.Join(dir, "jumeau-ville.service")).CombinedOutput()
	if err != nil {
		t.Errorf("exposure: %v\n%s", err, out[max(0, len(out)-300):])
	}
	t.Logf("%s", out[max(0, len(out)-100):])
}
