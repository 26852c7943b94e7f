package noise

import "os"

// draws of a statistical test: a million when JUMEAU_PRIVACY=full (make test-privacy).
func draws() int {
	if os.Getenv("JUMEAU_PRIVACY") == "full" {
		return 1_000_000
	}
	return 100_000
}
