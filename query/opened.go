package query

import (
	"context"
	"crypto/ed25519"
	"errors"
	"sync"
	"time"

	"jumeau/model/bake"
	"jumeau/model/frame"
	"jumeau/model/layer"
	"jumeau/model/release"
	"jumeau/query/door"
)

// opened is a release with its files mapped into memory. It is immutable; the server counts who uses it.
type opened struct {
	id      string
	dir     string
	cost    release.Cost
	bytes   int64
	release *release.Release

	whole contents               // everything, whoever it is for: handlers see a view
	views sync.Map               // *view by key
	baked map[string]*bake.Tiles // by layer
	// Layers whose baked tiles are not what this program would encode: they were made by another version, and are left alone.
	outdated []string

	// Held by the server's mutex.
	uses    int
	retired bool // closed when uses is 0
	used    time.Time
}

// zones of a system, with the index of each by its id.
type zones struct {
	*frame.Zones
	index map[string]int
}

// openRelease opens and maps a release. When verify is set, the bytes of every file the server reads are held to the
// manifest first; model.duckdb, which it never opens, is not read.
func openRelease(ctx context.Context, releases, id string, opt opening) (o *opened, err error) {
	r, err := release.Open(releases, id, opt.keys...)
	if err != nil {
		return nil, err
	}
	if opt.verify {
		if err := r.Verify(ctx, func(path string) bool { return path == "model.duckdb" }); err != nil {
			return nil, err
		}
	}
	o = &opened{id: id, dir: r.Dir, release: r, cost: r.Manifest.Cost, bytes: r.Manifest.Bytes(),
		whole: contents{r.Manifest.Catalog.For(door.Steward), map[string]*layer.File{}, map[string]*zones{}, map[string]*frame.Values{}, map[string]*frame.Flows{}},
		baked: map[string]*bake.Tiles{}, used: time.Now()}
	if err := o.open(r); err != nil {
		return nil, errors.Join(err, o.close())
	}
	return o, nil
}

type opening struct {
	keys   []ed25519.PublicKey
	verify bool
}

func (o *opened) open(r *release.Release) (err error) {
	for _, l := range o.whole.catalog.Layers {
		if o.whole.layers[l.ID], err = layer.Open(r.Path(release.LayerPath(l.ID))); err != nil {
			delete(o.whole.layers, l.ID)
			return err
		}
		if err := o.openBaked(r, l.ID); err != nil {
			return err
		}
	}
	for _, z := range o.whole.catalog.ZoneSystems {
		read, err := frame.ReadZones(r.Path(release.ZonesPath(z.ID)))
		if err != nil {
			return err
		}
		o.whole.zones[z.ID] = &zones{read, read.Index()}
	}
	for _, m := range o.whole.catalog.Measures {
		for _, s := range m.Systems {
			v, err := frame.OpenValues(r.Path(release.ValuesPath(m.ID, s.Zones)))
			if err != nil {
				return err
			}
			o.whole.values[m.ID+"."+s.Zones] = v
		}
	}
	for _, f := range o.whole.catalog.Flows {
		v, err := frame.OpenFlows(r.Path(release.FlowsPath(f.ID, f.Zones)))
		if err != nil {
			return err
		}
		o.whole.flows[f.ID] = v
	}
	return nil
}

// close unmaps every file. No request may use the release any more.
func (o *opened) close() error {
	var errs []error
	for _, f := range o.whole.layers {
		errs = append(errs, f.Close())
	}
	for _, t := range o.baked {
		errs = append(errs, t.Close())
	}
	for _, v := range o.whole.values {
		errs = append(errs, v.Close())
	}
	for _, v := range o.whole.flows {
		errs = append(errs, v.Close())
	}
	return errors.Join(errs...)
}
