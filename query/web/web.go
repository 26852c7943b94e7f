// Package web holds the page that planners see: TypeScript under src, built by Vite into dist and embedded here.
//
// What comes in: dist, made by `npm ci && npm run build` in this folder. What goes out: a file system whose root holds
// index.html. Files under assets carry a hash of their content in their names and never change; the others may.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS is the built page, and whether it was built: without the build there is no index.html in it and the server says so.
func FS() (fs.FS, bool) {
	page, err := fs.Sub(dist, "dist")
	if err != nil {
		return dist, false
	}
	_, err = fs.Stat(page, "index.html")
	return page, err == nil
}

// ContentSecurityPolicy is what the page needs, and nothing more: no inline script or style, no other host, no eval.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
