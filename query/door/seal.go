package door

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"
)

// sealer puts what a browser must bring back into a text that only this process can make and read: AES-256-GCM with a key that
// is drawn at start. Nothing has to be kept for visitors who begin to sign in and never come back.
type sealer struct{ box cipher.AEAD }

func newSealer() sealer {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the key has a length that AES takes
	}
	box, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return sealer{box}
}

// sealed is a content and when it is over.
type sealed struct {
	Until time.Time
	Body  json.RawMessage
}

// seal for a purpose: a text sealed for one is not read for another.
func (s sealer) seal(purpose string, until time.Time, v any) string {
	body, err := json.Marshal(v)
	if err == nil {
		body, err = json.Marshal(sealed{until, body})
	}
	if err != nil {
		panic(err) // texts always marshal
	}
	return base64.RawURLEncoding.EncodeToString(s.box.Seal(nil, nil, body, []byte(purpose)))
}

var errSeal = errors.New("not sealed here, or over")

// open reads what was sealed for a purpose.
func (s sealer) open(purpose, text string, now time.Time, v any) error {
	if len(text) > 4096 {
		return errSeal
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return errSeal
	}
	body, err := s.box.Open(nil, nil, raw, []byte(purpose))
	if err != nil {
		return errSeal
	}
	var box sealed
	if json.Unmarshal(body, &box) != nil || now.After(box.Until) || json.Unmarshal(box.Body, v) != nil {
		return errSeal
	}
	return nil
}
