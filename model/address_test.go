package model_test

import (
	"slices"
	"strings"
	"testing"

	"jumeau/model"
)

func TestAnAddressStandsForSeveralFilesInOrder(t *testing.T) {
	for text, want := range map[string]string{
		"https://a/x.csv":                   "https://a/x.csv",
		"https://a/{31..33}/x-{a,b}.csv":    "https://a/31/x-a.csv https://a/31/x-b.csv https://a/32/x-a.csv https://a/32/x-b.csv https://a/33/x-a.csv https://a/33/x-b.csv",
		"s3://b/{09..11}":                   "s3://b/09 s3://b/10 s3://b/11",
		"https://a/cadastre-{2A,2B,31}.gz?": "https://a/cadastre-2A.gz? https://a/cadastre-2B.gz? https://a/cadastre-31.gz?",
	} {
		got, err := model.Addresses(text)
		if err != nil || !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"a{b", "a}b", "a{b{c}}", "{9..1}", "{1..5000}", "{1..100}{1..100}", "{a..b}"} {
		if got, err := model.Addresses(text); err == nil {
			t.Errorf("%s passes: %v", text, got)
		}
	}
}
