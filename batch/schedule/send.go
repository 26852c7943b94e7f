package schedule

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"jumeau/internal/secret"
	"jumeau/model"
)

// SendOptions of the channels.
type SendOptions struct {
	Getenv func(string) string // where secrets are; required
	Proxy  func(*http.Request) (*url.URL, error)
	Roots  *x509.CertPool // of TLS; nil: the system's
}

// mailer sends e-mail through an SMTP server.
type mailer struct {
	to       *model.Mail
	password secret.Secret
	roots    *x509.CertPool
}

func (mailer) name() string { return "mail" }

func (m mailer) send(ctx context.Context, message Message) error {
	return m.password.Error(m.deliver(ctx, message))
}

func (m mailer) deliver(ctx context.Context, message Message) error {
	letter := mail.NewMsg()
	if err := errors.Join(letter.From(m.to.From), letter.To(m.to.To...)); err != nil {
		return err
	}
	letter.Subject(message.Subject)
	letter.SetDateWithValue(message.At)
	letter.SetMessageIDWithValue(base64.RawURLEncoding.EncodeToString([]byte(message.ID)) + "@jumeau." + message.Territory)
	letter.SetGenHeader(mail.Header("Auto-Submitted"), "auto-generated") // no out-of-office answers, please
	letter.SetBodyString(mail.TypeTextPlain, message.Text)
	host, text, err := net.SplitHostPort(m.to.Server)
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	policy := mail.TLSMandatory // STARTTLS, or nothing is sent
	if m.to.Plain {
		policy = mail.NoTLS
	}
	options := []mail.Option{mail.WithPort(port), mail.WithTLSPolicy(policy), mail.WithTimeout(30 * time.Second),
		mail.WithTLSConfig(&tls.Config{ServerName: host, RootCAs: m.roots, MinVersion: tls.VersionTLS12})}
	if port == 465 {
		options = append(options, mail.WithSSL())
	}
	if m.to.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.to.User), mail.WithPassword(m.password.Reveal()))
	}
	client, err := mail.NewClient(host, options...)
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, letter)
}

// hook posts messages as JSON, signed as Standard Webhooks say: v1,base64(HMAC-SHA256(key, "id.timestamp.body")).
type hook struct {
	url    string
	key    secret.Secret
	client *http.Client
}

func newHook(address string, key secret.Secret, opt SendOptions) hook {
	t := &http.Transport{Proxy: opt.Proxy, TLSClientConfig: &tls.Config{RootCAs: opt.Roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	return hook{address, key, &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error {
		return errors.New("the webhook sends us elsewhere: declare that address")
	}}}
}

func (hook) name() string { return "webhook" }

func (h hook) send(ctx context.Context, m Message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return errors.New("announce.webhook.url is no address")
	}
	at := strconv.FormatInt(m.At.Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Webhook-Id", m.ID)
	r.Header.Set("Webhook-Timestamp", at)
	if !h.key.IsZero() {
		sum := hmac.New(sha256.New, []byte(h.key.Reveal()))
		fmt.Fprintf(sum, "%s.%s.%s", m.ID, at, body)
		r.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(sum.Sum(nil)))
	}
	answer, err := h.client.Do(r)
	if err != nil {
		var wrapped *url.Error // the address may hold a token
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return fmt.Errorf("webhook: %w", h.key.Error(err))
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20)) // what it says is of no use
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("the webhook answered %d %s", answer.StatusCode, http.StatusText(answer.StatusCode))
	}
	return nil
}
