package declare

import "jumeau/model/cron"

func checkCron(s string) error {
	_, err := cron.Parse(s)
	return err
}
