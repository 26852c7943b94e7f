package schedule

import (
	"encoding/xml"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"jumeau/internal/durable"
	"jumeau/model/runlog"
)

// inFeed is how many messages a feed holds.
const inFeed = 50

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  atomAuthor  `xml:"author"`
	Entries []atomEntry `xml:"entry"`
}

type atomAuthor struct {
	Name  string `xml:"name"`
	Email string `xml:"email,omitempty"`
	URI   string `xml:"uri,omitempty"`
}

type atomEntry struct {
	ID       string   `xml:"id"`
	Title    string   `xml:"title"`
	Updated  string   `xml:"updated"`
	Category atomTerm `xml:"category"`
	Content  atomText `xml:"content"`
}

type atomTerm struct {
	Term string `xml:"term,attr"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// writeFeed makes the feed anew from the diary.
func (a *Announcer) writeFeed(s *Scheduler) error {
	d, err := runlog.Read(s.Releases)
	if err != nil {
		return err
	}
	text, err := a.feedText(s, d)
	if err != nil {
		return err
	}
	return durable.Replace(filepath.Join(s.Releases, runlog.FeedName), text, 0o644)
}

func (a *Announcer) feedText(s *Scheduler, d *runlog.Diary) ([]byte, error) {
	base := "urn:jumeau:" + s.Territory + ":runs"
	feed := atomFeed{ID: base, Title: "jumeau: " + s.Title, Author: atomAuthor{Name: "jumeau"}, Updated: time.Unix(0, 0).UTC().Format(time.RFC3339)}
	if strings.Contains(a.contact, "://") {
		feed.Author.URI = a.contact
	} else {
		feed.Author.Email = a.contact
	}
	seen := map[string]bool{}
	for _, r := range slices.Backward(d.Told) {
		if seen[r.Message] || len(feed.Entries) == inFeed { // sent again to a channel that had failed
			continue
		}
		seen[r.Message] = true
		at := r.At.UTC().Format(time.RFC3339)
		if len(feed.Entries) == 0 {
			feed.Updated = at
		}
		feed.Entries = append(feed.Entries, atomEntry{ID: base + ":" + r.Message, Title: r.Subject, Updated: at, Category: atomTerm{r.State}, Content: atomText{"text", r.Text}})
	}
	text, err := xml.MarshalIndent(feed, "", " ")
	return append([]byte(xml.Header), append(text, '\n')...), err
}
