package query

import (
	"net/http"
	"slices"
)

// route is the form of the address asked for, "/tiles/{layer}/{z}/{x}/{y}", "other" for what is none of ours: it says what was
// done, and not on what.
func (q *request) route() string {
	if len(q.parts) == 0 { // too long to be read
		return "other"
	}
	within := ""
	if q.pinned {
		within = "/r/{release}"
	}
	if form, ok := forms[q.parts[0]]; ok && len(q.parts) == form.parts {
		return within + form.text
	}
	switch q.parts[0] {
	case "":
		return "/"
	case "tiles":
		if len(q.parts) == 5 {
			return within + "/tiles/{layer}/{z}/{x}/{y}"
		}
	case "privacy":
		return within + "/privacy"
	case "assets", "login", "logout", "logged-out", "admin", "metrics":
		return "/" + q.parts[0]
	}
	if slices.Contains(addresses, q.parts[0]) {
		return within + "/" + q.parts[0]
	}
	return "other"
}

// forms of addresses by their first part, and of how many parts they are.
var forms = map[string]struct {
	text  string
	parts int
}{
	"catalog": {"/catalog", 1}, "style.json": {"/style.json", 1}, "status": {"/status", 1}, "healthz": {"/healthz", 1}, "readyz": {"/readyz", 1},
	"zones": {"/zones/{system}", 2}, "values": {"/values/{measure}", 2}, "profile": {"/profile/{measure}", 2}, "flows": {"/flows/{flow}", 2},
	"figures": {"/figures/{measure}", 2}, "counts": {"/counts/{layer}", 2}, "tours": {"/tours/{tour}", 2}, "search": {"/search/{layer}", 3}, "export": {"/export/{layer}", 2},
	"download": {"/download/{layer}", 2}, "tiles": {"/tiles/{layer}", 2},
}

// methods that are told apart in figures and logs; others may be any text.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost}

func method(m string) string {
	if slices.Contains(methods, m) {
		return m
	}
	return "other"
}
