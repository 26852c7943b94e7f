// Package query answers planners over HTTP from a published release.
//
// In comes a releases folder, read-only. Out go the catalogue, vector tiles, figures, flows, features, the figures of drawn
// polygons, exports, a style document, the description of the API, the status page, the privacy cards and the page itself:
//
//	server := query.New("releases", query.Options{Log: log, Page: page})
//	defer server.Close()
//	err := server.Serve(ctx, listener)
//
// The server looks at the pointer of the folder once a second. A new release is opened and verified beside the old one and
// then takes its place; the old one is closed when its last request has ended. A release that cannot be opened is refused
// with a warning, and the old one stays.
//
// Addresses under /r/{release}/ never change their answer and may be cached for ever; the others answer from the current
// release and are revalidated with a strong ETag, made of the release id and of what was asked.
package query
