package declare

import (
	"strings"
	"testing"
)

func TestWhatIsWrongWithAnAddressIsShownWhereItIs(t *testing.T) {
	const territory, communes, from = "territory.yaml", "sources/communes.yaml", "{path: raw/communes.geojson}"
	announce := func(text string) string { return "zones: [commune, cell_200m]\nannounce: " + text }
	for _, c := range []struct{ name, file, old, with, want string }{
		{"a file of this machine", communes, from, "{url: file:///etc/passwd}", `it must begin with https://`},
		{"an address of another kind", communes, from, "{url: ftp://example.org/a}", `it must begin with https://`},
		{"a bucket without a key", communes, from, "{url: s3://bucket}", `it is written s3://bucket/key`},
		{"a brace left open", communes, from, `{url: "https://example.org/{a"}`, `a { without }`},
		{"a secret over http", communes, from, "{url: http://example.org/a, auth: {env: TOKEN}}", `over http:// anyone on the way reads the secret`},
		{"a secret written out", communes, from, `{url: https://example.org/a, auth: {env: "hunter2!"}}`, `is not the name of an environment variable`},
		{"a secret nowhere", communes, from, "{url: https://example.org/a, auth: {as: basic}}", `a secret is in env or in file`},
		{"a secret in two places", communes, from, "{url: https://example.org/a, auth: {env: A, file: /b}}", `a secret is in env or in file`},
		{"a relative secret file", communes, from, "{url: https://example.org/a, auth: {file: token}}", `is not an absolute path`},
		{"a header without a name", communes, from, "{url: https://example.org/a, auth: {env: A, as: header}}", `name is missing: of which header?`},
		{"a checksum of several files", communes, from, `{url: "https://example.org/{a,b}", sha256: ` + strings.Repeat("0f", 32) + "}", `sha256 is of one file, and url stands for several`},
		{"half a checksum", communes, from, "{url: https://example.org/a, sha256: 0f0f}", `is not a SHA-256`},
		{"an endpoint for the web", communes, from, "{url: https://example.org/a, endpoint: https://s3.example.org}", `endpoint and region are for s3:// addresses`},
		{"an interval without an address", communes, from, "{path: raw/communes.geojson, every: P1D}", `every is about url, and there is none`},
		{"a schedule that never comes", territory, `"0 2 * * *"`, `"0 2 31 2 *"`, `never comes`},
		{"nobody to tell", territory, "zones: [commune, cell_200m]", announce("{language: fr}"), `announce needs mail, webhook or feed`},
		{"a password in the clear", territory, "zones: [commune, cell_200m]", announce(`{mail: {to: [a@b.fr], from: a@b.fr, server: "b.fr:25", user: u, password: {env: P}, plain: true}}`), `a password is not sent without encryption`},
		{"a server without a port", territory, "zones: [commune, cell_200m]", announce(`{mail: {to: [a@b.fr], from: a@b.fr, server: b.fr}}`), `is not a host and its port`},
		{"a user without a password", territory, "zones: [commune, cell_200m]", announce(`{mail: {to: [a@b.fr], from: a@b.fr, server: "b.fr:25", user: u}}`), `user and password go together`},
	} {
		t.Run(c.name, func(t *testing.T) {
			problems := problemsOf(t, changed(t, c.file, c.old, c.with))
			if !strings.Contains(problems.Text(), c.want) {
				t.Errorf("not found: %s\n%s", c.want, problems.Text())
			}
		})
	}
}

func TestWhatIsRightAboutAnAddressPasses(t *testing.T) {
	const communes, from = "sources/communes.yaml", "{path: raw/communes.geojson}"
	for _, with := range []string{
		"{url: s3://bucket/a/*.geojson, endpoint: http://minio.town.example:9000, region: fr-par, auth: {file: /etc/jumeau/key}}",
		`{url: "https://example.org/{01..12}.geojson", every: P1D, max_mib: 20, auth: {env: TOKEN, as: query, name: apikey}}`,
	} {
		got, err := Read(changed(t, communes, from, with))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range got.Sources {
			if s.ID == "communes" && (s.From.Every == "" || s.From.MaxMiB == 0) {
				t.Errorf("%+v has no defaults", s.From)
			}
		}
	}
}
