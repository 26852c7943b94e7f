package query

import (
	"jumeau/model/frame"
	"jumeau/model/layer"
	"jumeau/model/release"
	"jumeau/query/door"
)

// contents are what a release holds, by id.
type contents struct {
	catalog release.Catalog
	layers  map[string]*layer.File
	zones   map[string]*zones
	values  map[string]*frame.Values // by measure and system: "residents.commune"
	flows   map[string]*frame.Flows  // by flow
}

// view is a release as a visitor may see it. What is not in it does not exist for the visitor: handlers look things up here and
// nowhere else, so that what is denied and what is not there are the same answer, made in the same way.
type view struct {
	*opened
	contents
	key string // visitors with the same one get the same bytes
}

// see opens the release that a request is about, as its visitor may see it. It is the only way from a request to a release; call
// leave when the request has been answered.
func (s *Server) see(q *request) (leave func(), err error) {
	o, err := s.holder.acquire(q.Context(), q.want)
	if err != nil {
		return nil, err
	}
	who := q.who
	if !who.May(door.Read) {
		who.Layers = []string{}
	}
	q.rel = o.view(who)
	q.doors.Looked(who, q.route())
	return func() { s.holder.release(o) }, nil
}

// view is the release as a visitor sees it. There are as many as audiences and scopes of tokens, and they are kept.
func (o *opened) view(who door.Visitor) *view {
	key := who.View()
	if v, ok := o.views.Load(key); ok {
		return v.(*view)
	}
	c := o.whole.catalog.For(who.Audience)
	if who.Layers != nil {
		c = c.Only(who.Layers)
	}
	v, _ := o.views.LoadOrStore(key, &view{opened: o, contents: o.whole.only(c), key: key})
	return v.(*view)
}

// only is what of the contents a catalogue names.
func (all contents) only(c release.Catalog) contents {
	out := contents{catalog: c, layers: map[string]*layer.File{}, zones: map[string]*zones{}, values: map[string]*frame.Values{}, flows: map[string]*frame.Flows{}}
	for _, l := range c.Layers {
		out.layers[l.ID] = all.layers[l.ID]
	}
	for _, z := range c.ZoneSystems {
		out.zones[z.ID] = all.zones[z.ID]
	}
	for _, m := range c.Measures {
		for _, s := range m.Systems {
			out.values[m.ID+"."+s.Zones] = all.values[m.ID+"."+s.Zones]
		}
	}
	for _, f := range c.Flows {
		out.flows[f.ID] = all.flows[f.ID]
	}
	return out
}
