package release_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"jumeau/model/release"
)

func TestBreaksAreQuantilesInRoundNumbers(t *testing.T) {
	var ramp []float64
	for i := range 1000 {
		ramp = append(ramp, float64(i))
	}
	zeros := append(make([]float64, 900), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	for name, c := range map[string]struct {
		figures []float64
		opt     release.ScaleOptions
		want    release.Scale
	}{
		"even":               {ramp, release.ScaleOptions{Classes: 4}, release.Scale{Min: 0, Max: 999, Breaks: []float64{250, 500, 750}}},
		"six by default":     {ramp, release.ScaleOptions{}, release.Scale{Min: 0, Max: 999, Breaks: []float64{170, 330, 500, 670, 830}}},
		"by hour":            {ramp, release.ScaleOptions{Classes: 4, Top: true}, release.Scale{Min: 0, Max: 999, Breaks: []float64{370, 670, 890}}},
		"mostly zero":        {zeros, release.ScaleOptions{Classes: 4}, release.Scale{Min: 0, Max: 10, Breaks: []float64{2, 5, 8}}},
		"all equal":          {[]float64{7, 7, 7}, release.ScaleOptions{}, release.Scale{Min: 7, Max: 7, Breaks: []float64{}}},
		"none":               {[]float64{math.NaN()}, release.ScaleOptions{}, release.Scale{Breaks: []float64{}}},
		"no more decimals":   {[]float64{0.11, 0.22, 1.44, 2.66, 3.88}, release.ScaleOptions{Classes: 3, Decimals: 1}, release.Scale{Min: 0.11, Max: 3.88, Breaks: []float64{0.2, 2.7}}},
		"diverging":          {[]float64{-10, -5, -1, 0, 1, 5, 20}, release.ScaleOptions{Classes: 4, Diverging: true}, release.Scale{Min: -10, Max: 20, Breaks: []float64{-5, 0, 5}}},
		"diverging one side": {ramp, release.ScaleOptions{Classes: 4, Diverging: true}, release.Scale{Min: 0, Max: 999, Breaks: []float64{250, 500, 750}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, release.ScaleOf([][]float64{c.figures}, c.opt)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBreaksIncreaseWithinTheRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		figures := rapid.SliceOf(rapid.Float64Range(-1e9, 1e9)).Draw(t, "figures")
		opt := release.ScaleOptions{Classes: rapid.IntRange(3, 8).Draw(t, "classes"), Decimals: rapid.IntRange(0, 3).Draw(t, "decimals"), Diverging: rapid.Bool().Draw(t, "diverging"), Top: rapid.Bool().Draw(t, "top")}
		s := release.ScaleOf([][]float64{figures}, opt)
		if !slices.IsSorted(s.Breaks) || len(slices.Compact(slices.Clone(s.Breaks))) != len(s.Breaks) || len(s.Breaks) >= opt.Classes {
			t.Fatalf("breaks %v", s.Breaks)
		}
		for _, b := range s.Breaks {
			if b <= s.Min || b >= s.Max {
				t.Fatalf("break %v outside %v to %v", b, s.Min, s.Max)
			}
		}
	})
}
