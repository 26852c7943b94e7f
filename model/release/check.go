package release

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"jumeau/model"
	"jumeau/model/bake"
	"jumeau/model/frame"
	"jumeau/model/layer"
	"jumeau/model/pmtiles"
)

// check holds the catalogue and the files of a draft to each other, and every figure to its flag: what is published can be
// served.
func check(dir string, m *Manifest) error {
	c := checker{dir: dir, m: m, zones: map[string]int{}}
	for _, step := range []func() error{c.systems, c.layers, c.measures, c.flows, c.tours} {
		if err := step(); err != nil {
			var known *model.Error
			if errors.As(err, &known) {
				return err
			}
			return &model.Error{Kind: model.Internal, Op: "check release", Subject: m.ID, Err: err,
				Hint: "this is a fault of jumeau, not of your data: please report it; the release being served is untouched"}
		}
	}
	return nil
}

// tours and search indexes are there, and tours show layers that are.
func (c *checker) tours() error {
	for _, l := range c.m.Catalog.Layers {
		if l.Search == nil {
			continue
		}
		if _, err := os.Stat(c.path(SearchPath(l.ID, "index"))); err != nil {
			return err
		}
	}
	for _, t := range c.m.Catalog.Tours {
		if _, err := os.Stat(c.path(TourPath(t.ID))); err != nil {
			return err
		}
		for _, id := range t.Layers {
			if _, ok := c.m.Catalog.Layer(id); !ok {
				return fmt.Errorf("tour %s shows the layer %s, which is not in the catalogue", t.ID, id)
			}
		}
	}
	return nil
}

type checker struct {
	dir   string
	m     *Manifest
	zones map[string]int // zones of each system
}

func (c *checker) path(file string) string { return filepath.Join(c.dir, filepath.FromSlash(file)) }

func (c *checker) systems() error {
	var all []*frame.Zones
	for _, system := range c.m.Catalog.ZoneSystems {
		z, err := frame.ReadZones(c.path(ZonesPath(system.ID)))
		if err != nil {
			return err
		}
		if z.System != system.ID || z.Len() != system.Count {
			return fmt.Errorf("zones %s: %d of %s, the catalogue says %d", system.ID, z.Len(), z.System, system.Count)
		}
		c.zones[system.ID] = z.Len()
		all = append(all, z)
	}
	for _, z := range all {
		for _, p := range z.Parents {
			count, ok := c.zones[p.System]
			if !ok {
				return fmt.Errorf("zones %s have parents in %s, which is not in the catalogue", z.System, p.System)
			}
			if err := z.CheckParents(p.System, count); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) layers() error {
	seen := map[string]bool{}
	for _, l := range c.m.Catalog.Layers {
		if seen[l.ID] {
			return fmt.Errorf("layer %s comes twice", l.ID)
		}
		seen[l.ID] = true
		if err := c.layerFile(&l); err != nil {
			return err
		}
		if _, ok := c.zones[l.Zones]; l.Zones != "" && !ok {
			return fmt.Errorf("layer %s draws the zones %s, which are not in the catalogue", l.ID, l.Zones)
		}
		for _, id := range l.Measures {
			if _, ok := c.m.Catalog.Measure(id); !ok {
				return fmt.Errorf("layer %s shows the measure %s, which is not in the catalogue", l.ID, id)
			}
		}
		for _, id := range l.Flows {
			if _, ok := c.m.Catalog.Flow(id); !ok {
				return fmt.Errorf("layer %s shows the flow %s, which is not in the catalogue", l.ID, id)
			}
		}
	}
	return nil
}

func (c *checker) layerFile(l *Layer) error {
	if _, ok := c.m.File(LayerPath(l.ID)); !ok {
		return fmt.Errorf("layer %s has no file", l.ID)
	}
	file, err := layer.Open(c.path(LayerPath(l.ID)))
	if err != nil {
		return err
	}
	defer file.Close()
	if err := c.baked(l); err != nil {
		return err
	}
	spec := file.Spec()
	if spec.Name != l.ID || spec.MinZoom != l.MinZoom || spec.MaxZoom != l.MaxZoom || int64(file.Len()) != l.Features {
		return fmt.Errorf("layer %s: the file holds %d features of %s at zooms %d-%d, the catalogue says %d at %d-%d",
			l.ID, file.Len(), spec.Name, spec.MinZoom, spec.MaxZoom, l.Features, l.MinZoom, l.MaxZoom)
	}
	return nil
}

// baked holds baked tiles to their layer.
func (c *checker) baked(l *Layer) error {
	for _, coding := range []string{bake.Gzip, bake.Brotli} {
		path := BakedPath(l.ID, coding)
		if _, ok := c.m.File(path); !ok {
			continue
		}
		a, err := pmtiles.Open(c.path(path))
		if err != nil {
			return err
		}
		defer a.Close()
		if a.MinZoom < l.MinZoom || a.MaxZoom > l.MaxZoom || a.Type != pmtiles.MVT {
			return fmt.Errorf("layer %s is drawn at zooms %d-%d, tiles are baked for %d-%d", l.ID, l.MinZoom, l.MaxZoom, a.MinZoom, a.MaxZoom)
		}
	}
	return nil
}

func (c *checker) measures() error {
	for _, m := range c.m.Catalog.Measures {
		if len(m.Systems) == 0 {
			return fmt.Errorf("measure %s has no zone system", m.ID)
		}
		for _, s := range m.Systems {
			v, err := frame.OpenValues(c.path(ValuesPath(m.ID, s.Zones)))
			if err != nil {
				return err
			}
			err = c.frame("measure "+m.ID, v.Measure == m.ID && v.System == s.Zones, v.Zones, s.Zones, v.Slots, m.Slots)
			if err == nil {
				err = v.Check()
			}
			v.Close()
			if err != nil {
				return fmt.Errorf("measure %s by %s: %w", m.ID, s.Zones, err)
			}
		}
	}
	return nil
}

func (c *checker) flows() error {
	for _, f := range c.m.Catalog.Flows {
		v, err := frame.OpenFlows(c.path(FlowsPath(f.ID, f.Zones)))
		if err != nil {
			return err
		}
		err = c.frame("flow "+f.ID, v.Flow == f.ID && v.System == f.Zones, v.Zones, f.Zones, v.Slots, f.Slots)
		if err == nil {
			err = v.Check()
		}
		v.Close()
		if err != nil {
			return fmt.Errorf("flow %s by %s: %w", f.ID, f.Zones, err)
		}
	}
	return nil
}

// frame holds what a frame says of itself to the catalogue: its slots must all be listed there.
func (c *checker) frame(what string, named bool, zones int, system string, slots, listed []model.Slot) error {
	count, ok := c.zones[system]
	if !named || !ok || zones != count {
		return fmt.Errorf("%s: the file is not of this name, or has %d zones where %s has %d", what, zones, system, count)
	}
	known := map[model.Slot]bool{}
	for _, s := range listed {
		known[s] = true
	}
	for _, s := range slots {
		if !known[s] {
			return fmt.Errorf("%s: slot %s is not in the catalogue", what, s)
		}
	}
	return nil
}
