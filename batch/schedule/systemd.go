package schedule

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"jumeau/internal/systemd"
	"jumeau/model/cron"
)

// Unit says what the units of systemd hold.
type Unit struct {
	Territory string   // id; the units are called jumeau-ID
	Binary    string   // absolute path of the program
	Args      []string // of schedule --once, without the verb
	Cron      string
	Zone      string
	Writable  []string // absolute paths that runs write below
	User      string   // that runs: it owns the writable paths
	Secrets   string   // file with environment variables; "": none
}

// Units are the service and the timer, by the names of their files.
func (u Unit) Units() (map[string]string, error) {
	calendar, err := calendars(u.Cron, u.Zone)
	if err != nil {
		return nil, err
	}
	name := "jumeau-" + u.Territory
	return map[string]string{name + ".service": u.service(), name + ".timer": u.timer(calendar)}, nil
}

func (u Unit) service() string {
	user := "User=" + u.User + "\n"
	secrets := ""
	if u.Secrets != "" {
		secrets = "EnvironmentFile=" + u.Secrets + "\n"
	}
	var writable []string
	for _, path := range u.Writable {
		writable = append(writable, systemd.Quote(filepath.Clean(path)))
	}
	command := []string{systemd.Quote(u.Binary), "schedule", "--once"}
	for _, arg := range u.Args {
		command = append(command, systemd.Quote(arg))
	}
	return fmt.Sprintf(`# Written by jumeau schedule --systemd. Put both files into /etc/systemd/system, then:
#   systemctl daemon-reload && systemctl enable --now jumeau-%[1]s.timer
[Unit]
Description=jumeau: run of %[1]s when it is due
Documentation=man:systemd.timer(5)
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=%[2]s
# 3: done, with older files of some sources
SuccessExitStatus=3
TimeoutStartSec=6h
TimeoutStopSec=2min
KillMode=mixed
Nice=10
IOSchedulingClass=idle
%[3]s%[4]sReadWritePaths=%[5]s
UMask=0022
ProtectHome=read-only
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
CapabilityBoundingSet=
%[6]s`, u.Territory, strings.Join(command, " "), user, secrets, strings.Join(writable, " "), systemd.Hardening)
}

func (u Unit) timer(calendar []string) string {
	return fmt.Sprintf(`# Written by jumeau schedule --systemd from the schedule %q of the territory (%s).
[Unit]
Description=jumeau: when runs of %s are due

[Timer]
OnCalendar=%s
# also after the machine was off at the time
Persistent=yes
# whether a failed run should be tried again, and whether somebody should be told
OnUnitInactiveSec=15min
OnBootSec=5min
AccuracySec=1min
Unit=jumeau-%s.service

[Install]
WantedBy=timers.target
`, u.Cron, u.Zone, u.Territory, strings.Join(calendar, "\nOnCalendar="), u.Territory)
}

var weekdays = [8]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// calendars are the lines of systemd.time(7) that together mean a cron expression: two where either day or weekday is enough.
func calendars(expression, zone string) ([]string, error) {
	if _, err := cron.Parse(expression); err != nil {
		return nil, err
	}
	f := strings.Fields(expression)
	days := ""
	if !strings.HasPrefix(f[4], "*") {
		days = strings.Join(weekdayNames(f[4]), ",") + " "
	}
	line := func(days, day string) string {
		return fmt.Sprintf("%s*-%s-%s %s:%s:00 %s", days, values(f[3], cron.Fields[3].Most), day, values(f[1], cron.Fields[1].Most), values(f[0], cron.Fields[0].Most), zone)
	}
	day := values(f[2], cron.Fields[2].Most)
	if days != "" && !strings.HasPrefix(f[2], "*") {
		return []string{line("", day), line(days, "*")}, nil
	}
	return []string{line(days, day)}, nil
}

// values of a field as systemd writes them: "1-5/2,9" is "1..5/2,9", and "*/15" is "0/15" from the least on.
func values(field string, most int) string {
	var out []string
	for _, part := range strings.Split(field, ",") {
		span, step, stepped := strings.Cut(part, "/")
		if span == "*" && stepped {
			least := 0
			if most == 31 || most == 12 {
				least = 1
			}
			span = fmt.Sprintf("%d..%d", least, most)
		} else if stepped && !strings.Contains(span, "-") {
			span = fmt.Sprintf("%s..%d", span, most)
		}
		span = strings.ReplaceAll(span, "-", "..")
		if stepped {
			span += "/" + step
		}
		out = append(out, span)
	}
	return strings.Join(out, ",")
}

// weekdayNames of a field that the parser accepted.
func weekdayNames(field string) (out []string) {
	seen := map[string]bool{}
	for _, part := range strings.Split(field, ",") {
		span, text, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			step, _ = strconv.Atoi(text) // checked
		}
		from, to, ranged := strings.Cut(span, "-")
		low, _ := strconv.Atoi(from)
		high := low
		if ranged {
			high, _ = strconv.Atoi(to)
		} else if stepped {
			high = 7
		}
		for d := low; d <= high; d += step {
			if !seen[weekdays[d]] {
				seen[weekdays[d]] = true
				out = append(out, weekdays[d])
			}
		}
	}
	return out
}
