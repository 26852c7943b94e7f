package model

import (
	"fmt"
	"strconv"
	"strings"
)

// mostAddresses that one from.url may stand for.
const mostAddresses = 1000

// Addresses are those that a from.url stands for, in their order: "{a,b}" is a and b, "{08..11}" is 08, 09, 10 and 11.
func Addresses(url string) ([]string, error) {
	out := []string{""}
	for url != "" {
		before, rest, found := strings.Cut(url, "{")
		for i := range out {
			out[i] += before
		}
		if strings.Contains(before, "}") {
			return nil, fmt.Errorf("a } without {")
		}
		if !found {
			break
		}
		inside, after, closed := strings.Cut(rest, "}")
		if !closed || strings.Contains(inside, "{") {
			return nil, fmt.Errorf("a { without }")
		}
		choices, err := choices(inside)
		if err != nil {
			return nil, err
		}
		if len(out)*len(choices) > mostAddresses {
			return nil, fmt.Errorf("it stands for more than %d files", mostAddresses)
		}
		next := make([]string, 0, len(out)*len(choices))
		for _, start := range out {
			for _, c := range choices {
				next = append(next, start+c)
			}
		}
		out, url = next, after
	}
	return out, nil
}

// choices of "a,b,c" or "08..11"; numbers keep the width of the first.
func choices(inside string) ([]string, error) {
	from, to, ranged := strings.Cut(inside, "..")
	if !ranged {
		return strings.Split(inside, ","), nil
	}
	low, err1 := strconv.ParseUint(from, 10, 31)
	high, err2 := strconv.ParseUint(to, 10, 31)
	if err1 != nil || err2 != nil || high < low || high-low >= mostAddresses {
		return nil, fmt.Errorf("{%s} is not a range of numbers", inside)
	}
	var out []string
	for n := low; n <= high; n++ {
		out = append(out, fmt.Sprintf("%0*d", len(from), n))
	}
	return out, nil
}
