// Package door says who asks, and what they may see and do.
//
// In comes a request. Out goes a Visitor: an audience (public, agent or steward), perhaps a list of layers, what the visitor may
// do, and a pseudonym. Four doors lead in, and each can be shut:
//
//   - nobody: the anonymous have the server's own audience, public unless it is set otherwise;
//   - token: a program shows a bearer token, made by `jumeau token create`, of which only the hash is kept;
//   - person: a session in a cookie, after signing in with an OpenID Connect provider, or with a token;
//   - proxy: a proxy at a listed address names the person in a header.
//
// The package also counts what each client takes (Limits), and writes the audit log. It knows nothing of releases: what a visitor
// sees of one is decided in query, in one function.
package door
