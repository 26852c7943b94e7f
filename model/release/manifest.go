package release

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"jumeau/model"
	"jumeau/model/edition"
)

// Names of the files that every release has, and of the folder's own.
const (
	manifestName  = "manifest.json"
	signatureName = "manifest.sig"
	currentName   = "current"
)

// Format is the version of the layout of a release folder.
const Format = 1

// Manifest says what a release is, where it comes from, what it cost, and what its files are. Publish fills Format, ID,
// Content, BuiltAt (when zero), Key and Files; the run gives the rest.
type Manifest struct {
	Format  int       `json:"format"`
	ID      string    `json:"id"`
	Content string    `json:"content"`  // content id: 64 hexadecimal digits
	BuiltAt time.Time `json:"built_at"` // UTC
	Key     string    `json:"key"`      // fingerprint of the key that signs
	Tool    Tool      `json:"tool"`
	Catalog Catalog   `json:"catalog"`
	Privacy []Card    `json:"privacy"`
	Ledger  []Entry   `json:"ledger"`
	Cost    Cost      `json:"cost"`
	Baked   []Baked   `json:"baked,omitempty"`
	// What the sources have beside the release that was served when this one was built; sources whose rows have a key.
	Editions []Edition `json:"editions,omitempty"`
	Files    []File    `json:"files"` // sorted by path
}

// Tool is the program that built the release.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Engine  string `json:"engine,omitempty"` // version of DuckDB
}

// Card says for one source about people or enterprises why its figures may be published.
type Card struct {
	Source     string     `json:"source"`
	Class      string     `json:"class"`
	Purpose    model.Text `json:"purpose"`
	LegalBasis string     `json:"legal_basis"`
	Retention  string     `json:"retention,omitempty"`
	Threshold  int        `json:"threshold,omitempty"` // least count published
	// The gate's own card of a source about single units, as it gave it when the figures were drawn.
	Gate json.RawMessage `json:"gate,omitempty"`
}

// Entry of the privacy ledger: what drawing the figures of one source spent. A release that carries figures over from an
// earlier one repeats the entry under which they were drawn; nothing is spent twice.
type Entry struct {
	Source  string  `json:"source"`
	Epsilon float64 `json:"epsilon"`
	Delta   float64 `json:"delta"`
	Drawing string  `json:"drawing,omitempty"` // name of the drawing in the ledger: the period, and the edition from the second on
	Hash    string  `json:"hash,omitempty"`    // of the line in the ledger
	// The line of the ledger, as it was written: it can be found there again, and its chain checked.
	Line json.RawMessage `json:"line,omitempty"`
}

// Cost is what it took to build the release.
type Cost struct {
	WallSeconds float64 `json:"wall_seconds"`
	CPUSeconds  float64 `json:"cpu_seconds"`
	PeakBytes   int64   `json:"peak_bytes"` // most memory held
	BytesRead   int64   `json:"bytes_read"` // of the sources' files
	WattHours   float64 `json:"watt_hours"` // estimate
	Estimate    string  `json:"estimate"`   // how WattHours was estimated
}

// Baked says which tiles of a layer were made with the release, because they take long to make, and what that took.
type Baked struct {
	Layer   string  `json:"layer"`
	Tiles   int     `json:"tiles"`
	MinZoom int     `json:"minzoom"`
	MaxZoom int     `json:"maxzoom"`
	Bytes   int64   `json:"bytes"` // of the archives
	Brotli  bool    `json:"brotli,omitempty"`
	Seconds float64 `json:"seconds"` // wall clock, within Cost
}

// Edition says what a source has beside an earlier release.
type Edition struct {
	Source string `json:"source"`
	Key    string `json:"key,omitempty"` // the column by which its rows are told apart
	Since  string `json:"since"`         // the earlier release
	edition.Change
}

// File of a release. Digest is the content digest, when it is not the SHA-256 of the bytes.
type File struct {
	Path   string `json:"path"` // relative, with slashes
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	Digest string `json:"digest,omitempty"`
}

// BakedPath is the path of the file with a layer's baked tiles in a content coding, or "" when there are none.
func (r *Release) BakedPath(layer, coding string) string {
	if _, ok := r.Manifest.File(BakedPath(layer, coding)); ok {
		return r.Path(BakedPath(layer, coding))
	}
	return ""
}

// Bytes is the size of all files.
func (m *Manifest) Bytes() (n int64) {
	for _, f := range m.Files {
		n += f.Bytes
	}
	return n
}

// File by its path.
func (m *Manifest) File(path string) (*File, bool) {
	return find(m.Files, func(f *File) bool { return f.Path == path })
}

var idForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d{4}Z-[0-9a-f]{6}$`)

// IsID says whether the text has the form of a release id.
func IsID(text string) bool { return idForm.MatchString(text) }

func makeID(built time.Time, content string) string {
	return built.UTC().Format("2006-01-02T1504Z") + "-" + content[:6]
}

// address fills what depends on the id: the addresses at which the server answers, relative to its root.
func (m *Manifest) address() {
	m.Catalog.Release, m.Catalog.BuiltAt = m.ID, m.BuiltAt
	for i := range m.Catalog.Layers {
		l := &m.Catalog.Layers[i]
		l.Tiles = "/r/" + m.ID + "/tiles/" + l.ID + "/{z}/{x}/{y}.mvt"
		l.Download = ""
		if _, ok := m.File(ParquetPath(l.ID)); ok {
			l.Download = "/r/" + m.ID + "/download/" + l.ID + ".parquet"
		}
	}
}

// seal writes manifest.json and manifest.sig into dir.
func (m *Manifest) seal(dir string, key ed25519.PrivateKey) error {
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	for _, name := range []string{manifestName, signatureName} { // of an attempt that failed
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := writeSynced(filepath.Join(dir, manifestName), text, 0o644); err != nil {
		return err
	}
	return writeSynced(filepath.Join(dir, signatureName), ed25519.Sign(key, text), 0o644)
}

// readManifest reads the manifest of dir and holds it to its signature by one of the keys.
func readManifest(dir string, keys []ed25519.PublicKey) (*Manifest, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, err
	}
	signature, err := os.ReadFile(filepath.Join(dir, signatureName))
	if err != nil {
		return nil, err
	}
	signed := false
	for _, key := range keys {
		signed = signed || ed25519.Verify(key, text, signature)
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no public key to check its signature with")
	}
	if !signed {
		return nil, errors.New("its signature is not by the trusted key: it was changed, or signed with another key")
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	if m.Format != Format {
		return nil, fmt.Errorf("layout %d, this program reads layout %d", m.Format, Format)
	}
	return m, nil
}
