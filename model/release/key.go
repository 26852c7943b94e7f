package release

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"jumeau/model"
)

// Keys are PEM files that openssl reads as well:
//
//	openssl pkeyutl -verify -pubin -inkey key/release.pub -rawin -in manifest.json -sigfile manifest.sig
const (
	keyFolder  = "key"
	privateKey = "release.key" // PKCS #8, mode 0600
	publicKey  = "release.pub" // PKIX; may hold several keys, old ones after a change of key
)

// Fingerprint names a public key: the first 16 hexadecimal digits of its SHA-256.
func Fingerprint(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// signingKey reads the private key of a releases folder, and makes the pair at first use.
func signingKey(dir string) (ed25519.PrivateKey, error) {
	path := filepath.Join(dir, keyFolder, privateKey)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return makeKey(dir)
	}
	if err != nil {
		return nil, keyError(path, "make the key readable by the user who runs jumeau", err)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
		return nil, keyError(path, "run: chmod 600 "+path, fmt.Errorf("others can read the private key (mode %o)", info.Mode().Perm()))
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, keyError(path, "restore it from a copy; without one, move it away and a new key is made", errors.New("not a PEM file"))
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, keyError(path, "restore it from a copy; without one, move it away and a new key is made", errors.New("not an Ed25519 key"))
	}
	return key, publish(dir, key.Public().(ed25519.PublicKey))
}

func makeKey(dir string) (ed25519.PrivateKey, error) {
	folder := filepath.Join(dir, keyFolder)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, keyError(folder, "", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, keyError(folder, "look at the permissions of the releases folder", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, keyError(folder, "", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := replaceFile(filepath.Join(folder, privateKey), text, 0o600); err != nil {
		return nil, keyError(folder, "look at the permissions and the free space of the releases folder", err)
	}
	return private, publish(dir, public)
}

// publish makes sure that the public key stands in its file; keys already there stay, so that old releases stay readable.
func publish(dir string, key ed25519.PublicKey) error {
	keys, err := PublicKeys(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, k := range keys {
		if k.Equal(key) {
			return nil
		}
	}
	var text []byte
	for _, k := range append([]ed25519.PublicKey{key}, keys...) {
		der, err := x509.MarshalPKIXPublicKey(k)
		if err != nil {
			return keyError(dir, "", err)
		}
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})...)
	}
	path := filepath.Join(dir, keyFolder, publicKey)
	if err := replaceFile(path, text, 0o644); err != nil {
		return keyError(path, "look at the permissions and the free space of the releases folder", err)
	}
	return nil
}

// PublicKeys of a releases folder: its releases are signed by one of them.
func PublicKeys(dir string) ([]ed25519.PublicKey, error) {
	return ReadPublicKeys(filepath.Join(dir, keyFolder, publicKey))
}

// ReadPublicKeys reads the Ed25519 keys of a PEM file.
func ReadPublicKeys(path string) ([]ed25519.PublicKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, keyError(path, "publish a release first, or restore the public key", err)
	}
	var keys []ed25519.PublicKey
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		key, ok := parsed.(ed25519.PublicKey)
		if err != nil || !ok {
			return nil, keyError(path, "restore the public key", errors.New("holds something that is not an Ed25519 key"))
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, keyError(path, "restore the public key", errors.New("holds no key"))
	}
	return keys, nil
}

func keyError(path, hint string, err error) error {
	return &model.Error{Kind: model.Unavailable, Op: "use key", Subject: path, Hint: hint, Err: err}
}
