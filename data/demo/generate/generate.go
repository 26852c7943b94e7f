package generate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"

	"jumeau/data/demo/place"
)

// Options of Generate.
type Options struct {
	// Seed of everything; default 1, for which the figures of the tests hold.
	Seed uint64
	// Share of the full size, above 0 to 1; default 1: 80,000 residents and 40,000 buildings.
	Scale float64
	// True: also the files about simulated persons, in raw-people/.
	People bool
	// Called when a stage begins, from any goroutine but one at a time; may be nil.
	Progress func(stage string)
}

// File that was written.
type File struct {
	Name  string // below the folder, with "/"
	Rows  int    // records, defects included
	Bytes int64
}

// Report of what was written, in a fixed order.
type Report struct {
	World *place.World
	Files []File
}

// writer of one file.
type writer struct {
	name  string
	write func(c *sheet) error
}

// sheet is what a writer needs: the world, the place of its file, and where to say how many rows it wrote.
type sheet struct {
	*maker
	path string
	rows int
}

// maker holds what several files are made from.
type maker struct {
	w       *place.World
	opt     Options
	transit place.Transit
	sites   []site
}

// Generate writes the demonstration territory below dir, replacing files of the same names.
func Generate(ctx context.Context, dir string, opt Options) (*Report, error) {
	if opt.Seed == 0 {
		opt.Seed = 1
	}
	var mu sync.Mutex
	say := func(stage string) {
		if opt.Progress != nil {
			mu.Lock()
			defer mu.Unlock()
			opt.Progress(stage)
		}
	}
	w := place.New(place.Options{Seed: opt.Seed, Scale: opt.Scale, Stage: say})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m := &maker{w: w, opt: opt, transit: w.Transit()}
	m.sites = m.chooseSites()
	list := writers()
	if opt.People {
		list = append(list, peopleWriters()...)
	}
	report := &Report{World: w, Files: make([]File, len(list))}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for i, x := range list {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			say(x.name)
			c := &sheet{maker: m, path: filepath.Join(dir, filepath.FromSlash(x.name))}
			if err := os.MkdirAll(filepath.Dir(c.path), 0o755); err != nil {
				return err
			}
			if err := x.write(c); err != nil {
				return fmt.Errorf("write %s: %w", x.name, err)
			}
			info, err := os.Stat(c.path)
			if err != nil {
				return err
			}
			report.Files[i] = File{Name: x.name, Rows: c.rows, Bytes: info.Size()}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return report, nil
}

// writers of raw/, the slowest first.
func writers() []writer {
	return []writer{
		{"raw/comptage-velos-2025.csv.gz", func(c *sheet) error { return c.counts(bikes) }},
		{"raw/comptage-routier-2025.csv.gz", func(c *sheet) error { return c.counts(cars) }},
		{"raw/presence-operateur.csv", (*sheet).presence},
		{"raw/comptage-pietons-2025.csv.gz", func(c *sheet) error { return c.counts(walkers) }},
		{"raw/batiments.geojsonl.gz", (*sheet).buildings},
		{"raw/occupation-du-sol.geojson.gz", (*sheet).land},
		{"raw/adresses.csv.gz", (*sheet).addresses},
		{"raw/troncons-de-route.zip", (*sheet).streets},
		{"raw/communes.geojson", (*sheet).communes},
		{"raw/epci-communes.csv", (*sheet).epci},
		{"raw/contours-iris.zip", (*sheet).iris},
		{"raw/surfaces-en-eau.geojson", (*sheet).waterAreas},
		{"raw/cours-d-eau.geojson", (*sheet).waterLines},
		{"raw/equipements.csv", (*sheet).facilities},
		{"raw/carreaux-200m.csv", (*sheet).cells},
		{"raw/flux-domicile-travail.csv", (*sheet).flows},
		{"raw/comptage-sites.csv", (*sheet).counterSites},
		{"raw/comptage-canaux.csv", (*sheet).counterChannels},
		{"raw/reseau-bus-gtfs.zip", (*sheet).gtfs},
		{"raw/lignes-bus.geojson", (*sheet).busLines},
	}
}
