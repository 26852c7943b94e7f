package fetch

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"

	"jumeau/internal/secret"
	"jumeau/model"
)

// secretName recognises the query parameters that hold a credential, those of signed addresses included.
var secretName = regexp.MustCompile(`(?i)(key|token|secret|pass|auth|sig|credential|session|^x-(amz|goog|ms)-|^se$|^sp$|^sv$|^sr$)`)

// publicURL is an address without what may be secret in it.
func publicURL(u *url.URL, s secret.Secret) string {
	clean := *u
	clean.User, clean.Fragment = nil, ""
	query := clean.Query()
	changed := false
	for name := range query {
		if secretName.MatchString(name) {
			query.Set(name, secret.Redacted)
			changed = true
		}
	}
	if changed {
		clean.RawQuery = query.Encode()
	}
	return s.Redact(clean.String())
}

// unwrapURL takes the address off an error of net/http: it may hold a secret.
func unwrapURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

func failed(kind model.Kind, source, hint, format string, args ...any) error {
	return &model.Error{Kind: kind, Op: "fetch", Subject: source, Hint: hint, Err: fmt.Errorf(format, args...)}
}
