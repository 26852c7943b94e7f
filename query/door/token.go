package door

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"jumeau/internal/durable"
	"jumeau/model"
)

// tokensName is the file of tokens in the state folder. It holds no token, only what recognises one.
const tokensName = "tokens.json"

// Token lets a program in. Hash is the SHA-256 of its secret part: that part is 130 random bits, so that there is nothing to guess
// and no need of a slow hash.
type Token struct {
	ID       string    `json:"id"`
	Hash     string    `json:"hash"`
	Audience string    `json:"audience"`
	Layers   []string  `json:"layers,omitempty"` // only these, sorted; none: all of the audience
	Verbs    []string  `json:"verbs"`
	Note     string    `json:"note,omitempty"` // what it is for
	Created  time.Time `json:"created"`
	Expires  time.Time `json:"expires"`
	Revoked  time.Time `json:"revoked,omitzero"`
}

// Usable says whether the token lets anyone in at a time.
func (t *Token) Usable(now time.Time) bool { return t.Revoked.IsZero() && now.Before(t.Expires) }

// visitor that comes with the token.
func (t *Token) visitor() Visitor {
	v := Visitor{Audience: t.Audience, Layers: t.Layers, By: ByToken, Who: t.ID}
	for _, name := range t.Verbs {
		verb, _ := ParseVerb(name) // checked when it was made
		v.Verbs |= verb
	}
	return v
}

var tokenForm = regexp.MustCompile(`^jumeau_([a-z2-7]{10})_([A-Z2-7]{26})$`)

// NewToken fills in the id, the hash and the time of a token, and gives what its holder must show.
func NewToken(t *Token, now time.Time) (shown string, err error) {
	if rank(t.Audience) < 0 {
		return "", &model.Error{Kind: model.Invalid, Op: "make token", Subject: "audience " + t.Audience, Hint: "it is public, agent or steward", Err: errors.New("unknown")}
	}
	allowed := VerbsOf(t.Audience) | Metrics
	for _, name := range t.Verbs {
		if verb, ok := ParseVerb(name); !ok || verb&allowed == 0 {
			return "", &model.Error{Kind: model.Invalid, Op: "make token", Subject: "verb " + name, Hint: "for this audience there are " + allowed.String(), Err: errors.New("not for a token of this audience")}
		}
	}
	if !now.Before(t.Expires) {
		return "", &model.Error{Kind: model.Invalid, Op: "make token", Subject: "expiry", Hint: "name a time to come", Err: errors.New("it would be over before it began")}
	}
	slices.Sort(t.Layers)
	t.Layers = slices.Compact(t.Layers)
	secret := rand.Text()
	t.ID = strings.ToLower(rand.Text()[:10])
	t.Hash, t.Created = hashOf(secret), now.UTC().Truncate(time.Second)
	t.Expires = t.Expires.UTC().Truncate(time.Second)
	return "jumeau_" + t.ID + "_" + secret, nil
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// tokenList is the content of the file.
type tokenList struct {
	Tokens []Token `json:"tokens"`
}

// ReadTokens reads the tokens of a state folder, oldest first; none when there is no file.
func ReadTokens(state string) ([]Token, error) {
	path := filepath.Join(state, tokensName)
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, stateError("read tokens", path, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, stateError("read tokens", path, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, &model.Error{Kind: model.Invalid, Op: "read tokens", Subject: path, Hint: "run: chmod 600 " + path, Err: fmt.Errorf("it is open to others (mode %04o)", info.Mode().Perm())}
	}
	text, err := io.ReadAll(io.LimitReader(file, 16<<20))
	if err != nil {
		return nil, stateError("read tokens", path, err)
	}
	return parseTokens(text, path)
}

func parseTokens(text []byte, path string) ([]Token, error) {
	var list tokenList
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, &model.Error{Kind: model.Invalid, Op: "read tokens", Subject: path, Hint: "restore it from a backup, or remove it and make new tokens", Err: err}
	}
	return list.Tokens, nil
}

// ChangeTokens changes the tokens of a state folder, which is made when absent; two changes at the same time take turns.
func ChangeTokens(state string, change func([]Token) ([]Token, error)) error {
	if err := os.MkdirAll(state, 0o700); err != nil {
		return stateError("write tokens", state, err)
	}
	lock, err := os.OpenFile(filepath.Join(state, ".tokens.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return stateError("write tokens", state, err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return stateError("write tokens", state, err)
	}
	list, err := ReadTokens(state)
	if err != nil {
		return err
	}
	if list, err = change(list); err != nil {
		return err
	}
	text, err := json.MarshalIndent(tokenList{list}, "", " ")
	if err != nil {
		return err
	}
	return replace(filepath.Join(state, tokensName), append(text, '\n'))
}

// replace writes a file of the state folder whole or not at all.
func replace(path string, text []byte) error {
	if err := durable.Replace(path, text, 0o600); err != nil {
		return stateError("write", path, err)
	}
	return nil
}

func stateError(op, path string, err error) error {
	return &model.Error{Kind: model.Unavailable, Op: op, Subject: path, Hint: "look at the permissions of the state folder and the free space of its disk", Err: err}
}

// tokenBook knows the tokens of a folder and reads them again when they change. Safe for concurrent use.
type tokenBook struct {
	state string
	now   func() time.Time

	mu     sync.Mutex
	looked time.Time
	stamp  string // of the file that was read
	byID   map[string]Token
	failed error
	used   map[string]time.Time // when a token was last shown, since the server started
}

// look is how often the file is looked at: so long a revoked token may still work.
const look = time.Second

func newTokenBook(state string, now func() time.Time) *tokenBook {
	return &tokenBook{state: state, now: now, used: map[string]time.Time{}}
}

// find is the token that was shown. Whatever is wrong with it, the error is the same and comes after the same work.
func (b *tokenBook) find(shown string) (Token, error) {
	id, secret := "", ""
	if parts := tokenForm.FindStringSubmatch(shown); parts != nil {
		id, secret = parts[1], parts[2]
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refresh()
	t, known := b.byID[id]
	if !known {
		t.Hash = hashOf("nobody")
	}
	same := subtle.ConstantTimeCompare([]byte(hashOf(secret)), []byte(t.Hash)) == 1
	now := b.now()
	if !known || !same || !t.Usable(now) {
		return Token{}, errToken
	}
	b.used[id] = now
	return t, nil
}

// usable says whether a token still lets anyone in.
func (b *tokenBook) usable(id string) bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refresh()
	t, known := b.byID[id]
	return known && t.Usable(b.now())
}

// refresh reads the file again when it is another one. The mutex is held. A file that cannot be read lets nobody in.
func (b *tokenBook) refresh() {
	now := b.now()
	if now.Sub(b.looked) < look && b.byID != nil {
		return
	}
	b.looked = now
	stamp := "absent"
	if info, err := os.Stat(filepath.Join(b.state, tokensName)); err == nil {
		stamp = fmt.Sprint(info.ModTime().UnixNano(), info.Size(), info.Mode())
	}
	if stamp == b.stamp {
		return
	}
	list, err := ReadTokens(b.state)
	b.stamp, b.failed, b.byID = stamp, err, map[string]Token{}
	for _, t := range list {
		b.byID[t.ID] = t
	}
}

// SeenToken is a token and when it was last used since the server started.
type SeenToken struct {
	Token
	Used time.Time
}

// list the tokens, newest first.
func (b *tokenBook) list() ([]SeenToken, error) {
	if b == nil {
		return nil, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refresh()
	var out []SeenToken
	for id, t := range b.byID {
		out = append(out, SeenToken{t, b.used[id]})
	}
	slices.SortFunc(out, func(a, c SeenToken) int {
		return cmp.Or(c.Created.Compare(a.Created), strings.Compare(a.ID, c.ID))
	})
	return out, b.failed
}
