package secret_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jumeau/internal/secret"
)

func TestASecretNeverPrints(t *testing.T) {
	s := secret.New("hunter2:correct-horse")
	asJSON, err := json.Marshal(map[string]any{"s": s})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s, s), string(asJSON),
		s.Redact("login hunter2:correct-horse failed, correct-horse"), s.Error(errors.New("bad correct-horse")).Error()} {
		if strings.Contains(text, "correct-horse") {
			t.Errorf("it is in %q", text)
		}
	}
}

func TestASecretFileIsForItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(" abc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := secret.Read("", path, os.Getenv); err != nil || s.Reveal() != "abc" {
		t.Errorf("%q, %v", s.Reveal(), err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := secret.Read("", path, os.Getenv); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a file that all may read: %v", err)
	}
	if _, err := secret.Read("", "token", os.Getenv); err == nil {
		t.Error("a relative path passes")
	}
	if _, err := secret.Read("JUMEAU_NOT_THERE", "", func(string) string { return "" }); err == nil || !strings.Contains(err.Error(), "JUMEAU_NOT_THERE") {
		t.Errorf("an empty variable: %v", err)
	}
}
