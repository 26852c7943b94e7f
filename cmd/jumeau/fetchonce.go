package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"jumeau/ingest/fetch"
	"jumeau/model"
)

// fetchFile takes one address into a file, as sources are fetched: with the same patience, the same guards, whole or not at all. What it
// needs meanwhile is beside the file, and gone at the end.
func fetchFile(ctx context.Context, log *slog.Logger, address, file string, mostMiB int64) error {
	work, err := os.MkdirTemp(filepath.Dir(file), ".jumeau-")
	if err != nil {
		return &model.Error{Kind: model.Unavailable, Op: "download", Subject: filepath.Dir(file), Err: err, Hint: "look at the folder's permissions"}
	}
	defer os.RemoveAll(work)
	src := &model.Source{ID: "download", From: model.From{URL: address, MaxMiB: int(mostMiB)}}
	result, err := fetch.Run(ctx, &model.Territory{ID: "once"}, []*model.Source{src}, fetch.Options{Work: work, Version: version, Proxy: http.ProxyFromEnvironment,
		Attempts: 3, Log: log})
	if err != nil {
		return err
	}
	if err := result.Outcomes[0].Err; err != nil {
		return &model.Error{Kind: model.KindOf(err), Op: "download", Subject: address, Err: err,
			Hint: strings.ReplaceAll(model.HintOf(err), "from.max_mib", "--limit")}
	}
	return os.Rename(result.Files[src.ID][0].Path, file)
}

// mostAnswer is the greatest answer of an interface that is asked once, in MiB.
const mostAnswer = 64

// fetchOnce takes a small answer.
func fetchOnce(ctx context.Context, log *slog.Logger, address string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "jumeau-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "answer")
	if err := fetchFile(ctx, log, address, file, mostAnswer); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}
