package model

// Server is the configuration of `jumeau serve`: where it listens, who may come in, and how much anyone may take. Every key may be
// left out. The file is read again when it changes, and on SIGHUP; one that is wrong is refused, and what was read before stays.
type Server struct {
	// Folder of releases. Needs a restart.
	Releases string `yaml:"releases,omitempty" json:"releases,omitempty"`
	// Address to listen on. Needs a restart.
	Addr string `yaml:"addr,omitempty" json:"addr,omitempty"`
	// Address under which planners reach the server. Needs a restart.
	PublicURL string `yaml:"public_url,omitempty" json:"public_url,omitempty"`
	// Folder, mode 0700, of tokens, of the audit log and of the key of pseudonyms. Without one there are no tokens.
	State string `yaml:"state,omitempty" json:"state,omitempty"`
	// Whom anonymous visitors count as.
	Audience string `yaml:"audience,omitempty" json:"audience,omitempty"`
	// Memory for compressed answers, in MiB. Needs a restart.
	CacheMiB int `yaml:"cache_mib,omitempty" json:"cache_mib,omitempty"`
	// Memory that the program may hold, in MiB, mapped files not counted; near it requests are turned away. Default: GOMEMLIMIT, else none.
	MemoryMiB int `yaml:"memory_mib,omitempty" json:"memory_mib,omitempty"`
	// One JSON line a request on standard output: no address, no agent, no parameter. Needs a restart.
	AccessLog bool `yaml:"access_log,omitempty" json:"access_log,omitempty"`
	// Certificate to answer https with; absent: http, for a proxy that does.
	TLS *ServerTLS `yaml:"tls,omitempty" json:"tls,omitempty"`
	// What those who look after the server reach.
	Admin *ServerAdmin `yaml:"admin,omitempty" json:"admin,omitempty"`
	// With whom people sign in (OpenID Connect).
	SignIn *SignIn `yaml:"sign_in,omitempty" json:"sign_in,omitempty"`
	// The proxy before the server.
	Proxy *ServerProxy `yaml:"proxy,omitempty" json:"proxy,omitempty"`
	// How much one client may take.
	Limits *ServerLimits `yaml:"limits,omitempty" json:"limits,omitempty"`
	// How long a person stays signed in.
	Session *ServerSession `yaml:"session,omitempty" json:"session,omitempty"`
	// Months for which the audit log is kept.
	AuditMonths int `yaml:"audit_months,omitempty" json:"audit_months,omitempty"`
}

// ServerTLS is a certificate and its key, read again when they change.
type ServerTLS struct {
	// PEM file of the certificate and those above it.
	Certificate string `yaml:"certificate" json:"certificate"`
	// PEM file of the private key, mode 0600 or stricter.
	Key string `yaml:"key" json:"key"`
}

// ServerAdmin is for those who look after the server.
type ServerAdmin struct {
	// Address at which Prometheus reads /metrics without a door: this machine, or an inner network. Needs a restart.
	Addr string `yaml:"addr,omitempty" json:"addr,omitempty"`
	// True: the steward may go back to another release from the page; the releases folder must then be writable. Needs a restart.
	MovePointer bool `yaml:"move_pointer,omitempty" json:"move_pointer,omitempty"`
}

// SignIn is an OpenID Connect provider: code flow with PKCE. People come back to PUBLIC_URL/login/callback, and after signing out to
// PUBLIC_URL/logged-out: register both with the provider.
type SignIn struct {
	// Name of the provider, as the page shows it.
	Name string `yaml:"name,omitempty" json:"name,omitempty"`
	// Its address; below it is /.well-known/openid-configuration.
	Issuer string `yaml:"issuer" json:"issuer"`
	// Identifier that the provider gave this server.
	ClientID string `yaml:"client_id" json:"client_id"`
	// Where the secret is that it gave.
	ClientSecret Secret `yaml:"client_secret" json:"client_secret"`
	// What to ask for besides openid (ProConnect: given_name, usual_name, email, siret).
	Scopes []string `yaml:"scopes,omitempty" json:"scopes,omitempty"`
	// Authentication classes (acr) of which one must have been used (ProConnect: eidas1).
	Classes []string `yaml:"classes,omitempty" json:"classes,omitempty"`
	// True: what the provider says of a person is a signed JWT (ProConnect), and nothing else is taken.
	SignedUserinfo bool `yaml:"signed_userinfo,omitempty" json:"signed_userinfo,omitempty"`
	// Who is let in. The highest audience that fits counts; whom no rule fits is not let in.
	LetIn []LetIn `yaml:"let_in" json:"let_in"`
}

// LetIn lets in who has one of the values in a claim.
type LetIn struct {
	// agent or steward.
	Audience string `yaml:"audience" json:"audience"`
	// Name of the claim. Take email only from a provider that verifies addresses.
	Claim string `yaml:"claim" json:"claim"`
	// Whole values.
	In []string `yaml:"in,omitempty" json:"in,omitempty"`
	// Or how values end ("@town.example").
	Ends []string `yaml:"ends,omitempty" json:"ends,omitempty"`
}

// ServerProxy is what stands before the server. With user, only the proxy may connect.
type ServerProxy struct {
	// Its addresses or networks; X-Forwarded-For is believed from these only.
	From []string `yaml:"from" json:"from"`
	// Header in which it names the person. It must remove one that a client sends.
	User string `yaml:"user,omitempty" json:"user,omitempty"`
	// Header in which it lists the person's groups, separated by commas.
	Groups string `yaml:"groups,omitempty" json:"groups,omitempty"`
	// Who is let in, by group, or by user with claim: user.
	LetIn []LetIn `yaml:"let_in,omitempty" json:"let_in,omitempty"`
}

// ServerLimits are those of one client: a token, a person, or, of the anonymous, a network address (of IPv6 the first 64 bits). What is
// over is answered with 429. Many people may stand behind one address.
type ServerLimits struct {
	// Requests a second, in the long run.
	Requests float64 `yaml:"requests,omitempty" json:"requests,omitempty"`
	// Requests at once, after a pause. Opening the map takes about a hundred.
	RequestsBurst float64 `yaml:"requests_burst,omitempty" json:"requests_burst,omitempty"`
	// Cost a second: milliseconds of making answers, and one for each 10 kB sent.
	Cost float64 `yaml:"cost,omitempty" json:"cost,omitempty"`
	// Cost at once, after a pause.
	CostBurst float64 `yaml:"cost_burst,omitempty" json:"cost_burst,omitempty"`
}

// ServerSession is how long a person stays signed in.
type ServerSession struct {
	// From signing in.
	Lifetime string `yaml:"lifetime,omitempty" json:"lifetime,omitempty"`
	// Without a request.
	Idle string `yaml:"idle,omitempty" json:"idle,omitempty"`
}
