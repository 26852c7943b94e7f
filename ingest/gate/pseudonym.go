package gate

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// keyed is HMAC-SHA256 (RFC 2104) with a key that can be zeroed: the library's hash keeps copies of its key that cannot. Not safe
// for concurrent use; clone gives a goroutine its own.
type keyed struct {
	inner []byte // key xor 0x36…, then the message
	outer [sha256.BlockSize + sha256.Size]byte
}

func newKeyed(key []byte) *keyed {
	k := &keyed{inner: make([]byte, sha256.BlockSize, 4*sha256.BlockSize)}
	copy(k.inner, key)
	copy(k.outer[:], key)
	for i := range sha256.BlockSize {
		k.inner[i] ^= 0x36
		k.outer[i] ^= 0x5c
	}
	return k
}

func (k *keyed) clone() *keyed {
	c := &keyed{inner: append(make([]byte, 0, cap(k.inner)), k.inner[:sha256.BlockSize]...), outer: k.outer}
	return c
}

// text is the first 64 bits of the code of a message: two of ten million units meet with probability below 3e-6, and then count
// as one.
func (k *keyed) text(message string) uint64 {
	k.inner = append(k.inner[:sha256.BlockSize], message...)
	return k.finish()
}

func (k *keyed) number(v uint64) uint64 {
	k.inner = binary.LittleEndian.AppendUint64(k.inner[:sha256.BlockSize], v)
	return k.finish()
}

func (k *keyed) finish() uint64 {
	sum := sha256.Sum256(k.inner)
	copy(k.outer[sha256.BlockSize:], sum[:])
	sum = sha256.Sum256(k.outer[:])
	return binary.LittleEndian.Uint64(sum[:])
}

func (k *keyed) zero() {
	clear(k.inner[:cap(k.inner)])
	clear(k.outer[:])
}

// newKey is a 256-bit key from the system.
func newKey() []byte {
	key := make([]byte, 32)
	rand.Read(key) // never fails: it ends the program if the system has no randomness
	return key
}

// LoadKey is the key of a vintage for the cell-key method (classes F and G), from a file that is made at first use and that
// only its owner may read. As long as it is the same, so is the noise of the same people. It must never be published.
func LoadKey(path string) ([]byte, error) {
	key, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		key = newKey()
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, err
		}
		_, err = f.Write(key)
		return key, errors.Join(err, f.Sync(), f.Close())
	}
	if err == nil && len(key) != 32 {
		err = fmt.Errorf("the key in %s has %d bytes, not 32", path, len(key))
	}
	return key, err
}
