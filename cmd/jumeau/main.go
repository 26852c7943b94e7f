// Command jumeau builds and serves the digital twin of a territory.
//
// One verb is one file of this package: a struct with its flags, their help, and a Run method. Adding a verb is adding
// its file and one line to the list below. Only this package reads flags and the environment.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"reflect"
	"strings"
	"syscall"
	_ "time/tzdata" // time zones on machines that have none installed

	"github.com/alecthomas/kong"

	"jumeau/model"
	"jumeau/model/verify"
)

// verbs of the command line, in the order in which help shows them.
type verbs struct {
	Demo      demoVerb      `cmd:"" help:"Generate, publish and serve a synthetic territory: the quickest look."`
	Init      initVerb      `cmd:"" help:"Make a new, empty territory folder that passes check."`
	Check     checkVerb     `cmd:"" help:"Check a territory folder without reading its data."`
	Add       addVerb       `cmd:"" help:"Look at a file and draft the declaration of a source, for a steward to complete."`
	Templates templatesVerb `cmd:"" help:"List the sources of French producers that a territory may name, or show one."`
	Plan      planVerb      `cmd:"" help:"Say what a source about people would publish at each grain, before anything is charged."`
	Fetch     fetchVerb     `cmd:"" help:"Bring the files of sources to this machine, and write down what came."`
	Run       runVerb       `cmd:"" help:"Fetch what is due, read the sources of a territory and publish a release."`
	Schedule  scheduleVerb  `cmd:"" help:"Run a territory at the times it declares, and tell people when that fails."`
	Runs      runsVerb      `cmd:"" help:"Tell which runs there were, and how they ended."`
	Quality   qualityVerb   `cmd:"" help:"Say what is remembered of the files of each source, and what was not as before."`
	Serve     serveVerb     `cmd:"" help:"Answer planners from the current release: the map, tiles, figures."`
	Token     tokenVerb     `cmd:"" help:"Make, list and revoke the tokens that let programs into a server."`
	Releases  releasesVerb  `cmd:"" help:"List, show, compare, roll back and prune releases."`
	Backup    backupVerb    `cmd:"" help:"Write releases, keys, ledger and diary into one file."`
	Restore   restoreVerb   `cmd:"" help:"Bring a backup back, without letting a privacy budget be spent twice."`
	Inspect   inspectVerb   `cmd:"" help:"Explain a source, a release, a layer or a tile."`
	Export    exportVerb    `cmd:"" help:"Write a layer as a file for other programs: tiles, tables; or a release as a folder for a web server."`
	Verify    verifyVerb    `cmd:"" help:"Re-check a release without the raw data: signature, ledger, and every rule of what is published."`
	Attack    attackVerb    `cmd:"" help:"Play the attacker of a release of the demonstration territory, whose truth is known."`
	Register  registerVerb  `cmd:"" help:"Write the register of processing and the skeleton of the impact assessment of a release."`

	LogLevel  string           `enum:"debug,info,warn,error" default:"warn" help:"Least level of the log: ${enum}." env:"JUMEAU_LOG_LEVEL"`
	LogFormat string           `enum:"text,json" default:"text" help:"Form of the log on standard error: ${enum}." env:"JUMEAU_LOG_FORMAT"`
	Version   kong.VersionFlag `help:"Print the version and exit."`
}

// version is set by the build: -ldflags "-X main.version=…".
var version = "development"

// app is what a verb is given: where to write, where to log, and when to stop.
type app struct {
	ctx    context.Context // ends on interrupt
	out    io.Writer       // results
	errOut io.Writer       // messages for people
	log    *slog.Logger
}

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
	// The other codes are those of model/runlog: late sources, and what another try may mend.
)

// codedError ends a verb with an exit code of its own.
type codedError struct {
	error
	code  int
	shown bool // it was told already
}

func (e codedError) Unwrap() error { return e.error }

func main() {
	if err := keepStderr(); err != nil {
		os.Exit(fail(os.Stderr, &model.Error{Kind: model.Unavailable, Op: "start", Subject: "standard error", Err: err, Hint: "give the program a standard error"}))
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run executes one command line and returns its exit code.
func run(args []string, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var v verbs
	leave := -1
	parser, err := kong.New(&v, kong.Name("jumeau"), kong.Writers(out, errOut), kong.Exit(func(code int) { leave = code }),
		kong.Description("A digital twin of a territory: declared sources go in, a signed release comes out, planners see it on a map."),
		kong.Help(help), kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Vars{"version": version, "ledger": verify.LedgerName,
			"k": fmt.Sprint(defaultK), "epsilon": fmt.Sprint(defaultEpsilon)})
	if err != nil {
		return fail(errOut, err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if leave >= 0 { // help and version were printed
		return leave
	}
	if err != nil {
		fmt.Fprintf(errOut, "Error: %s\nTry: jumeau %s--help\n", err, verbOf(err))
		return exitUsage
	}
	a := &app{ctx: ctx, out: out, errOut: errOut, log: logger(errOut, v.LogLevel, v.LogFormat)}
	if err := command.Run(a); err != nil {
		return fail(errOut, err)
	}
	return 0
}

// fail shows an error, once.
func fail(errOut io.Writer, err error) int {
	var shown shownError
	var coded codedError
	errors.As(err, &coded)
	if !errors.As(err, &shown) && !coded.shown {
		fmt.Fprintf(errOut, "Error: %s\n", err)
		if hint := model.HintOf(err); hint != "" {
			fmt.Fprintf(errOut, "Try: %s\n", hint)
		}
	}
	if coded.code > 0 {
		return coded.code
	}
	return exitFailed
}

// shownError ends a verb that has told already what is wrong.
type shownError struct{}

func (shownError) Error() string { return "shown above" }

func logger(w io.Writer, level, format string) *slog.Logger {
	var least slog.Level
	_ = least.UnmarshalText([]byte(level)) // one of the four that the flag allows
	options := &slog.HandlerOptions{Level: least}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// verbOf is the verb during which parsing failed ("inspect source"), followed by a space, or "".
func verbOf(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		if node := parse.Context.Selected(); node != nil {
			return strings.TrimPrefix(node.FullPath(), "jumeau ") + " "
		}
	}
	return ""
}

// help prints kong's help and, below it, the examples of the verb: its method Examples.
func help(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	text := "jumeau demo\n  jumeau check demo\n  jumeau init my-town --territory my_town"
	if node := ctx.Selected(); node != nil {
		e, ok := reflect.Indirect(node.Target).Interface().(interface{ Examples() string })
		if !ok {
			return nil
		}
		text = e.Examples()
	}
	fmt.Fprintf(ctx.Stdout, "\nExamples:\n  %s\n", text)
	return nil
}
