package format

// idColumn delivers the id of a Feature, unless a property has that name.
const idColumn = "id"

// featureRows are rows of features with properties and perhaps an id: GeoJSON's and TopoJSON's.
type featureRows struct {
	jsonRows
	info  Info
	ready bool // Next was called
	ids   bool // features have ids and no property is called so
	id    int  // the cell of the Feature's id, -1
}

// settleIDs ends the look at the sample: a property called as the id's column hides the ids.
func (r *featureRows) settleIDs() {
	for _, k := range r.tree.columns {
		r.ids = r.ids && k.name != idColumn
	}
}

func (r *featureRows) names() []string {
	names := r.tree.names("")
	if r.ids {
		names = append([]string{idColumn}, names...)
	}
	return names
}

func (r *featureRows) Info() Info {
	info := r.info
	info.Encoding = r.decoder.name
	info.Columns = textColumns(r.names())
	return info
}

func (r *featureRows) Select(names []string) error {
	if r.ready {
		return errLateSelect
	}
	if err := distinct(names); err != nil {
		return err
	}
	r.chosen, r.id = names, -1
	r.tree.choose(names)
	if c, ok := r.tree.selected[idColumn]; ok && r.ids {
		r.id = c
	}
	return nil
}
