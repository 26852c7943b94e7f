// Package bench measures whole commands beside the tools that planners' data teams use today. `make bench` runs it; nothing
// here passes or fails.
package bench
