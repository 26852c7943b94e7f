// Package schedule runs a territory at the times it declares, and tells people when that fails.
//
// In: the cron expression and the time zone of a territory, and the diary of its releases folder (model/runlog). Out: calls of
// the run that is due, and messages by e-mail, webhook and feed. What is due, and what has been told, is read from the diary
// each time: there is no other state, so a restart, a power cut or a second scheduler changes nothing.
//
// A time that was missed is made up for once, however many were missed. A failure that may pass is tried again after 10, 20,
// 40 … minutes, up to 4 hours; one that will not pass waits for the next time of the schedule. People are told when the state
// changes, once a day while it is bad, and when it is good again.
package schedule
