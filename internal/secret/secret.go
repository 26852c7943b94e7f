// Package secret reads passwords and keys from where they may be kept, the environment or a file that only its owner reads, and
// keeps them out of everything that is written: a Secret prints as "[redacted]" in every form.
package secret

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// Redacted stands where a secret was.
const Redacted = "[redacted]"

// most is the size of a secret, in bytes.
const most = 64 << 10

// Secret is a password, a token or a key. The zero value is none.
type Secret struct{ value string }

// New is for secrets that come from elsewhere.
func New(value string) Secret { return Secret{value} }

// Read takes the secret from the environment variable env or, when that is "", from a file. Getenv is os.Getenv, or a test's.
func Read(env, file string, getenv func(string) string) (Secret, error) {
	if env != "" {
		if value := strings.TrimSpace(getenv(env)); value != "" {
			return Secret{value}, nil
		}
		return Secret{}, fmt.Errorf("the environment variable %s is empty", env)
	}
	return readFile(file)
}

func readFile(path string) (Secret, error) {
	if !filepath.IsAbs(path) {
		return Secret{}, fmt.Errorf("the secret file %s is not an absolute path", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return Secret{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return Secret{}, err
	case !info.Mode().IsRegular():
		return Secret{}, fmt.Errorf("%s is not a file", path)
	case info.Mode().Perm()&0o077 != 0:
		return Secret{}, fmt.Errorf("%s is open to others (mode %04o): chmod 600 it", path, info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	value := strings.TrimSpace(string(text))
	switch {
	case err != nil:
		return Secret{}, err
	case len(text) > most:
		return Secret{}, fmt.Errorf("%s is larger than a secret", path)
	case value == "":
		return Secret{}, fmt.Errorf("%s is empty", path)
	}
	return Secret{value}, nil
}

// Reveal is the secret itself, for the one place that sends it.
func (s Secret) Reveal() string { return s.value }

// IsZero says that there is none.
func (s Secret) IsZero() bool { return s.value == "" }

func (s Secret) String() string               { return Redacted }
func (s Secret) GoString() string             { return Redacted }
func (s Secret) MarshalText() ([]byte, error) { return []byte(Redacted), nil }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(Redacted) }

// Redact takes the secret, and the parts between its colons, out of a text.
func (s Secret) Redact(text string) string {
	if s.value == "" {
		return text
	}
	text = strings.ReplaceAll(text, s.value, Redacted)
	for _, part := range strings.Split(s.value, ":") {
		if len(part) >= 8 { // shorter parts, such as a user name, are words of messages
			text = strings.ReplaceAll(text, part, Redacted)
		}
	}
	return text
}

// Error is err with the secret taken out of its text. What it wraps is gone when its text changes.
func (s Secret) Error(err error) error {
	if err == nil {
		return nil
	}
	if clean := s.Redact(err.Error()); clean != err.Error() {
		return errors.New(clean)
	}
	return err
}
