package query

import (
	"context"
	"crypto/ed25519"
	"errors"
	"time"

	"jumeau/model/bake"
	"jumeau/model/frame"
	"jumeau/model/layer"
	"jumeau/model/release"
)

// opened is a release with its files mapped into memory. It is immutable; the server counts who uses it.
type opened struct {
	id      string
	dir     string
	catalog release.Catalog // as the server's audience may see it
	cost    release.Cost
	bytes   int64
	release *release.Release

	layers map[string]*layer.File
	baked  map[string]*bake.Tiles // by layer
	zones  map[string]*zones
	values map[string]*frame.Values // by measure and system: "residents.commune"
	flows  map[string]*frame.Flows  // by flow
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
		catalog: r.Manifest.Catalog.For(opt.audience), layers: map[string]*layer.File{}, baked: map[string]*bake.Tiles{}, zones: map[string]*zones{},
		values: map[string]*frame.Values{}, flows: map[string]*frame.Flows{}, used: time.Now()}
	if err := o.open(r); err != nil {
		return nil, errors.Join(err, o.close())
	}
	return o, nil
}

type opening struct {
	keys     []ed25519.PublicKey
	audience string
	verify   bool
}

func (o *opened) open(r *release.Release) (err error) {
	for _, l := range o.catalog.Layers {
		if o.layers[l.ID], err = layer.Open(r.Path(release.LayerPath(l.ID))); err != nil {
			delete(o.layers, l.ID)
			return err
		}
		if err := o.openBaked(r, l.ID); err != nil {
			return err
		}
	}
	for _, z := range o.catalog.ZoneSystems {
		read, err := frame.ReadZones(r.Path(release.ZonesPath(z.ID)))
		if err != nil {
			return err
		}
		o.zones[z.ID] = &zones{read, read.Index()}
	}
	for _, m := range o.catalog.Measures {
		for _, s := range m.Systems {
			v, err := frame.OpenValues(r.Path(release.ValuesPath(m.ID, s.Zones)))
			if err != nil {
				return err
			}
			o.values[m.ID+"."+s.Zones] = v
		}
	}
	for _, f := range o.catalog.Flows {
		v, err := frame.OpenFlows(r.Path(release.FlowsPath(f.ID, f.Zones)))
		if err != nil {
			return err
		}
		o.flows[f.ID] = v
	}
	return nil
}

// close unmaps every file. No request may use the release any more.
func (o *opened) close() error {
	var errs []error
	for _, f := range o.layers {
		errs = append(errs, f.Close())
	}
	for _, t := range o.baked {
		errs = append(errs, t.Close())
	}
	for _, v := range o.values {
		errs = append(errs, v.Close())
	}
	for _, v := range o.flows {
		errs = append(errs, v.Close())
	}
	return errors.Join(errs...)
}
