package declare

import (
	"fmt"
	"strconv"
	"strings"
)

// cronFields of a schedule, in order, with their inclusive ranges. Day of week: 0 and 7 are Sunday.
var cronFields = []struct {
	name        string
	least, most int
}{{"minute", 0, 59}, {"hour", 0, 23}, {"day", 1, 31}, {"month", 1, 12}, {"weekday", 0, 7}}

func checkCron(s string) error {
	fields := strings.Fields(s)
	if len(fields) != len(cronFields) {
		return fmt.Errorf(`needs five fields: minute hour day month weekday ("0 2 * * *" is every night at two); it has %d`, len(fields))
	}
	for i, f := range fields {
		for _, part := range strings.Split(f, ",") {
			if err := checkCronPart(part, cronFields[i].least, cronFields[i].most); err != nil {
				return fmt.Errorf("%s %q: %w", cronFields[i].name, f, err)
			}
		}
	}
	return nil
}

// checkCronPart checks "*", "5", "1-5", each with an optional step ("*/15").
func checkCronPart(part string, least, most int) error {
	span, step, stepped := strings.Cut(part, "/")
	if stepped {
		if n, err := strconv.Atoi(step); err != nil || n < 1 || n > most {
			return fmt.Errorf("the step %q is not a number between 1 and %d", step, most)
		}
	}
	if span == "*" {
		return nil
	}
	from, to, ranged := strings.Cut(span, "-")
	low, err := strconv.Atoi(from)
	if err != nil || low < least || low > most {
		return fmt.Errorf("%q is not a number between %d and %d", from, least, most)
	}
	if !ranged {
		return nil
	}
	if high, err := strconv.Atoi(to); err != nil || high < low || high > most {
		return fmt.Errorf("%q is not a number between %d and %d", to, low, most)
	}
	return nil
}
