package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

func TestServePrintsOneLinkAnswersAndStops(t *testing.T) {
	dir, ids := threeReleases(t)
	out, in := io.Pipe()
	var errOut bytes.Buffer
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	verb := serveVerb{Releases: dir, Addr: "127.0.0.1:0", Audience: "public", Cache: 1}
	go func() {
		done <- verb.Run(&app{ctx: ctx, out: in, errOut: &errOut, log: slog.New(slog.DiscardHandler)})
		in.Close()
	}()
	lines := bufio.NewReader(out)
	address, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Get(strings.TrimSpace(address) + "readyz")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || string(body) != ids[2]+"\n" {
		t.Errorf("%s, %v", body, err)
	}
	busy := serveVerb{Releases: dir, Addr: strings.Trim(strings.TrimPrefix(strings.TrimSpace(address), "http://"), "/"), Audience: "public"}
	if err := busy.Run(&app{ctx: ctx, out: io.Discard, errOut: io.Discard, log: slog.New(slog.DiscardHandler)}); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("a second server on the same port: %v", err)
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if rest, _ := io.ReadAll(lines); len(rest) != 0 {
		t.Errorf("it prints more than one line: %s", rest)
	}
	if text := errOut.String(); !strings.Contains(text, "Serving "+ids[2]) {
		t.Errorf("it does not say what it serves: %s", text)
	}
}
