package declare

import (
	"strings"

	"jumeau/model"
)

// checkFetch judges how a source is fetched.
func (c *checker) checkFetch(s *model.Source, d *document) {
	f := s.From
	s3 := strings.HasPrefix(f.URL, "s3://")
	for key, given := range map[string]bool{"sha256": f.SHA256 != "", "checksum": f.Checksum != "", "auth": f.Auth != nil, "every": f.Every != "",
		"max_mib": f.MaxMiB != 0, "endpoint": f.Endpoint != "", "region": f.Region != ""} {
		if given && f.URL == "" {
			d.addKey("from."+key, "%s is about url, and there is none", key)
		}
	}
	if f.URL == "" {
		return
	}
	if !s3 && (f.Endpoint != "" || f.Region != "") {
		d.addKey("from", "endpoint and region are for s3:// addresses")
	}
	if all, err := model.Addresses(f.URL); err == nil && (len(all) > 1 || s3 && strings.ContainsAny(f.URL, "*?[")) {
		if f.SHA256 != "" {
			d.addKey("from.sha256", "sha256 is of one file, and url stands for several")
		}
		if f.Checksum != "" {
			d.addKey("from.checksum", "checksum is of one file, and url stands for several")
		}
	}
	if f.Auth != nil {
		c.checkAuth(f, s3, d)
	}
}

func (c *checker) checkAuth(f model.From, s3 bool, d *document) {
	a := f.Auth
	checkSecret(d, "from.auth", a.Env, a.File)
	named := a.As == "header" || a.As == "query"
	switch {
	case s3 && (a.As != "" || a.Name != ""):
		d.addKey("from.auth.as", "s3 has one way of showing a secret: remove as and name")
	case named && a.Name == "":
		d.addKey("from.auth", "name is missing: of which %s?", a.As)
	case !named && a.Name != "":
		d.addKey("from.auth.name", "name is for header and query")
	case !s3 && strings.HasPrefix(f.URL, "http://"):
		d.addKey("from.auth", "over http:// anyone on the way reads the secret: use https://")
	}
}

func checkSecret(d *document, at, env, file string) {
	if (env == "") == (file == "") {
		d.addKey(at, "a secret is in env or in file: give one of them")
	}
}

// checkAnnounce judges who is told about runs, and how.
func (c *checker) checkAnnounce(d *document) {
	a := c.t.Announce
	if a == nil || d.broken {
		return
	}
	secret := func(at string, s *model.Secret) {
		if s != nil {
			checkSecret(d, at, s.Env, s.File)
		}
	}
	if a.Mail == nil && a.Webhook == nil && !a.Feed {
		d.addKey("announce", "announce needs mail, webhook or feed")
	}
	if m := a.Mail; m != nil {
		secret("announce.mail.password", m.Password)
		switch {
		case (m.User == "") != (m.Password == nil):
			d.addKey("announce.mail", "user and password go together")
		case m.Plain && m.Password != nil:
			d.addKey("announce.mail.plain", "a password is not sent without encryption")
		}
	}
	if w := a.Webhook; w != nil {
		secret("announce.webhook.secret", w.Secret)
	}
}
