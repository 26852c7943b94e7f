package fetch

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/signer"

	"jumeau/internal/secret"
	"jumeau/model"
)

// mostKeys that a pattern of S3 may match.
const mostKeys = 10_000

// noBody is the SHA-256 of nothing: what a GET sends.
const noBody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// store is where the objects of an s3:// address are.
type store struct {
	endpoint *url.URL
	region   string
	access   string
	secret   string
	session  string
}

func storeOf(f model.From, s secret.Secret) (store, error) {
	st := store{region: f.Region}
	if st.region == "" {
		st.region = "us-east-1"
	}
	endpoint := f.Endpoint
	if endpoint == "" {
		endpoint = "https://s3." + st.region + ".amazonaws.com"
	}
	var err error
	if st.endpoint, err = url.Parse(endpoint); err != nil {
		return st, err
	}
	if s.IsZero() {
		return st, nil
	}
	parts := strings.SplitN(s.Reveal(), ":", 3)
	if len(parts) < 2 {
		return st, fmt.Errorf("the secret is not written ACCESS_KEY:SECRET_KEY")
	}
	st.access, st.secret = parts[0], parts[1]
	if len(parts) == 3 {
		st.session = parts[2]
	}
	return st, nil
}

// sign shows the secret in the way of AWS Signature Version 4; the secret itself does not travel.
func (st store) sign(r *http.Request) *http.Request {
	if st.access == "" {
		return r
	}
	r.Header.Set("X-Amz-Content-Sha256", noBody)
	return signer.SignV4(*r, st.access, st.secret, st.session, st.region)
}

func (st store) address(bucket, key string) address {
	u := *st.endpoint
	u.Path = strings.TrimSuffix(u.Path, "/") + "/" + bucket + "/" + key
	return address{text: "s3://" + bucket + "/" + key, http: u.String(), sign: st.sign,
		show: []string{"Authorization", "X-Amz-Content-Sha256", "X-Amz-Date", "X-Amz-Security-Token"}}
}

// list finds the keys of a pattern, sorted.
func (st store) list(ctx context.Context, bucket, pattern string, through http.RoundTripper) ([]string, error) {
	var creds *credentials.Credentials
	if st.access != "" {
		creds = credentials.NewStaticV4(st.access, st.secret, st.session)
	} else {
		creds = credentials.NewStatic("", "", "", credentials.SignatureAnonymous)
	}
	client, err := minio.New(st.endpoint.Host, &minio.Options{Creds: creds, Secure: st.endpoint.Scheme == "https", Region: st.region,
		BucketLookup: minio.BucketLookupPath, Transport: through, MaxRetries: 3})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	prefix := pattern[:strings.IndexAny(pattern+"*", `*?[\`)]
	var keys []string
	for object := range client.ListObjects(ctx, bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if object.Err != nil {
			return nil, object.Err
		}
		if ok, err := path.Match(pattern, object.Key); err == nil && ok {
			keys = append(keys, object.Key)
		}
		if len(keys) > mostKeys {
			return nil, fmt.Errorf("the pattern matches more than %d files", mostKeys)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

// s3Error says what kind an answer of the store is.
func s3Error(source string, s secret.Secret, err error) error {
	answer := minio.ToErrorResponse(err)
	err = s.Error(unwrapURL(err))
	switch answer.StatusCode {
	case http.StatusForbidden, http.StatusUnauthorized:
		return failed(model.Invalid, source, "look at from.auth, from.region and the rights of the key", "the store answered: %w", err)
	case http.StatusNotFound:
		return failed(model.NotFound, source, "look at the bucket's name and from.endpoint", "the store answered: %w", err)
	case http.StatusBadRequest, http.StatusMovedPermanently:
		return failed(model.Invalid, source, "look at from.region and from.endpoint", "the store answered: %w", err)
	}
	return failed(model.Unavailable, source, "see whether the store answers", "the files could not be listed: %w", err)
}
