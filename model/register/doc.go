// Package register writes what the law wants written about a release, from what really ran: the register of processing (article 30
// GDPR) and a skeleton of the impact assessment (article 35), in French and in English.
//
// In: the manifest with its privacy cards, the report of its verification, and, when it is at hand, what the attacks on raw data
// gave. Out: Markdown. Nothing is filled in that the release does not say: what only the controller knows is left open, marked
// "to be completed". A release is never called anonymous: it is risk-tested, and the data-protection officer signs.
package register
