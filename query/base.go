package query

import (
	"regexp"
	"strings"
)

// hostForm is what a host may look like in the addresses we give out.
var hostForm = regexp.MustCompile(`^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-fA-F:.]+\](:\d{1,5})?$`)

// base is the start of whole addresses, without a slash at the end: as configured, else as the client reached us, also
// through a proxy that says so.
func (s *Server) base(q *request) string {
	if s.opt.PublicURL != "" {
		return strings.TrimRight(s.opt.PublicURL, "/")
	}
	scheme := "http"
	if q.TLS != nil || q.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	if !hostForm.MatchString(q.Host) {
		return "" // addresses relative to this server
	}
	return scheme + "://" + q.Host
}
