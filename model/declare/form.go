package declare

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"jumeau/model"
	"jumeau/model/crs"
)

// Form is a way of writing a text: "identifier", "colour", "time zone".
type Form struct {
	Name    string
	Example string
	// Regular expression of the whole text, for the JSON schemas; "" when a pattern cannot say it.
	Pattern string
	// Check says what is wrong with a text that the pattern does not reveal; nil when the pattern is all.
	Check func(string) error

	re *regexp.Regexp
}

func form(name, example, pattern string, check func(string) error) *Form {
	f := &Form{Name: name, Example: example, Pattern: pattern, Check: check}
	if pattern != "" {
		f.re = regexp.MustCompile(pattern)
	}
	return f
}

// test is nil when s is written in the form.
func (f *Form) test(s string) error {
	if f.Check != nil {
		if err := f.Check(s); err != nil {
			return fmt.Errorf("%q is not %s: %w", s, f.Name, err)
		}
	}
	if f.re != nil && !f.re.MatchString(s) {
		return fmt.Errorf("%q is not %s (written like %q)", s, f.Name, f.Example)
	}
	return nil
}

// The forms.
var (
	identifier = form("an identifier: lower-case letters, digits and _, beginning with a letter", "bus_stops", `^[a-z][a-z0-9_]{0,62}$`, nil)
	colour     = form("a CSS hex colour", "#2f6f8f", `^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$`, nil)
	columnRef  = form("a reference source.column", "communes.code", `^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$`, nil)
	duration   = form("an ISO 8601 duration", "P30D", `^P(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?$`, checkDuration)
	schedule   = form("a cron expression", "0 2 * * *", `^\S+(\s+\S+){4}$`, checkCron)
	timeZone   = form("an IANA time zone", "Europe/Paris", "", checkTimeZone)
	pattern    = form("a regular expression", "[0-9]{5}", "", checkRegexp)
	source     = form("a column name", "code_insee", `^[^\r\n]+$`, checkFrom)
	timeForm   = form("a date form", "%d/%m/%Y", "", checkTimeForm)
	address    = form("a web address", "https://example.org/communes.geojson", `^https?://`, checkURL)
	location   = form("a web address", "https://example.org/communes.geojson", `^(https?|s3)://`, checkLocation)
	digest     = form("a SHA-256", strings.Repeat("0f", 32), `^[0-9a-f]{64}$`, nil)
	region     = form("a region", "fr-par", `^[a-z0-9-]+$`, nil)
	variable   = form("the name of an environment variable", "JUMEAU_TOKEN", `^[A-Za-z_][A-Za-z0-9_]*$`, nil)
	absolute   = form("an absolute path", "/etc/jumeau/token", `^/`, nil)
	parameter  = form("the name of a header or parameter", "X-Api-Key", `^[A-Za-z0-9_-]+$`, nil)
	mailbox    = form("an e-mail address", "sig@example.org", `^[^@\s<>]+@[^@\s<>]+$`, nil)
	hostPort   = form("a host and its port", "smtp.example.org:587", `^[^:/\s]+:[0-9]{1,5}$`, nil)
	listen     = form("an address to listen on", "127.0.0.1:8080", `^[^/\s]*:[0-9]{1,5}$`, nil)
	word       = form("a word", "email", `^[^\s]+$`, nil)
	contact    = form("an e-mail or web address", "sig@example.org", `^([^@\s()<>]+@[^@\s()<>]+|https?://[^\s()<>]+)$`, nil)
	localPath  = form("a relative path", "communes/*.geojson", `^[^/]`, checkPath)
	memberPath = form("a path inside an archive", "stops.txt", "", checkMember)
	rejectCode = form("a reject code", "missing_value", `^[a-z][a-z0-9_]*$`, nil)
	crsCode    = form("a coordinate reference system", "EPSG:2154", `^(EPSG:[0-9]{4,5}|OGC:CRS84)$`, checkCRS)
	periodForm = form("a period", "2025-11", `^[0-9]{4}(-Q[1-4]|-[0-9]{2}(-[0-9]{2}/[0-9]{4}-[0-9]{2}-[0-9]{2})?)?$`, checkPeriod)
	templateID = form("the name of a template", "insee/filosofi-200m", `^[a-z0-9-]+/[a-z0-9-]+$`, nil)
	// An edition is a part of addresses and paths.
	templateRef = form("a template and its edition", "insee/filosofi-200m@2019", `^[a-z0-9-]+/[a-z0-9-]+(@[0-9A-Za-z][0-9A-Za-z._-]*)?$`, nil)
	sentence    = form("a text", "Communes", `\S`, nil)
)

func checkPeriod(s string) error {
	_, _, err := model.ParsePeriod(s)
	return err
}

func checkDuration(s string) error {
	if strings.HasSuffix(s, "P") || strings.HasSuffix(s, "T") {
		return fmt.Errorf(`it has no length ("P30D" is thirty days)`)
	}
	return nil
}

func checkTimeZone(s string) error {
	if s == "Local" {
		return fmt.Errorf("it differs from machine to machine")
	}
	if _, err := time.LoadLocation(s); err != nil || s == "" {
		return fmt.Errorf(`unknown name ("Europe/Paris" is one)`)
	}
	return nil
}

func checkRegexp(s string) error {
	_, err := regexp.Compile(s)
	return cleanRegexp(err)
}

func checkFrom(s string) error {
	if strings.HasPrefix(s, "^") {
		return checkRegexp(s)
	}
	return nil
}

// cleanRegexp removes the part of the message that repeats the package's name.
func cleanRegexp(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
}

const timeLetters = "demYyHIMSfpbBjzTF%"

func checkTimeForm(s string) error {
	if !strings.Contains(s, "%") {
		return fmt.Errorf(`it has no %% letter ("%%d/%%m/%%Y" is 31/12/2026)`)
	}
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		if i++; i == len(s) {
			return fmt.Errorf("it ends with a lone %%")
		}
		if !strings.Contains(timeLetters, s[i:i+1]) {
			return fmt.Errorf("%%%c is not one of %%d %%e %%m %%Y %%y %%H %%I %%M %%S %%f %%p %%b %%B %%j %%z %%T %%F", s[i])
		}
	}
	return nil
}

func checkURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return err
	case u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("it must begin with https://")
	case u.Host == "":
		return fmt.Errorf("it names no host")
	case u.User != nil:
		return fmt.Errorf("it holds a user name; a declaration is public")
	}
	return nil
}

// checkLocation is checkURL for each address that the text stands for, and for those of S3.
func checkLocation(s string) error {
	all, err := model.Addresses(s)
	if err != nil {
		return err
	}
	for _, one := range all {
		rest, s3 := strings.CutPrefix(one, "s3://")
		if !s3 {
			if err := checkURL(one); err != nil {
				return err
			}
			continue
		}
		bucket, key, _ := strings.Cut(rest, "/")
		if bucket == "" || key == "" || strings.ContainsAny(bucket, "*?[@:") {
			return fmt.Errorf("it is written s3://bucket/key")
		}
		if _, err := path.Match(key, ""); err != nil {
			return fmt.Errorf("its pattern is broken (an open [ or a lone \\)")
		}
	}
	return nil
}

func checkPath(s string) error {
	switch {
	case s == "":
		return fmt.Errorf("it is empty")
	case strings.Contains(s, `\`):
		return fmt.Errorf(`separate folders with "/"`)
	case path.IsAbs(s) || s != ".." && path.Clean(s) == "..", strings.HasPrefix(path.Clean(s), "../"), s == "..":
		return fmt.Errorf("it must stay inside the territory folder or the mirror folder")
	}
	if _, err := path.Match(s, ""); err != nil {
		return fmt.Errorf("its pattern is broken (an open [ or a lone \\)")
	}
	return nil
}

func checkCRS(s string) error {
	_, err := crs.Parse(s)
	if err == nil {
		return nil
	}
	_, supported, _ := strings.Cut(model.HintOf(err), "supported: ")
	return fmt.Errorf("it is not supported; there is %s", supported)
}

func checkMember(s string) error {
	if _, err := path.Match(s, ""); err != nil || s == "" {
		return fmt.Errorf("its pattern is broken")
	}
	return nil
}
