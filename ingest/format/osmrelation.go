package format

import "slices"

// keep remembers the positions of a way that is a part of a relation, and its tags where they count for the relation.
func (r *osm) keep(o *osmObject) error {
	b := r.tags[:0]
	b = appendUint32(b, uint32(len(r.line)))
	for _, p := range r.line {
		b = appendUint32(appendUint32(b, uint32(p.lon)), uint32(p.lat))
	}
	tags := o.tags
	if !r.outers[o.id] {
		tags = nil
	}
	b = appendUint32(b, uint32(len(tags)))
	for _, t := range tags {
		b = append(appendUint32(b, uint32(len(t.key))), t.key...)
		b = append(appendUint32(b, uint32(len(t.value))), t.value...)
	}
	r.tags = b
	at, err := r.kept.append(append(appendUint32(nil, uint32(len(b))), b...))
	r.parts[o.id] = at
	return err
}

// recall is what keep has remembered.
func (r *osm) recall(at int64) (line []osmPoint, tags []osmTag, err error) {
	var head [4]byte
	h, err := r.kept.read(head[:], at)
	if err != nil {
		return nil, nil, err
	}
	b, err := r.kept.read(make([]byte, uint32At(h)), at+4)
	if err != nil {
		return nil, nil, err
	}
	n := uint32At(b)
	for b = b[4:]; n > 0; n, b = n-1, b[8:] {
		line = append(line, osmPoint{int32(uint32At(b)), int32(uint32At(b[4:]))})
	}
	n = uint32At(b)
	text := func() []byte {
		size := uint32At(b)
		out := b[4 : 4+size]
		b = b[4+size:]
		return out
	}
	for b = b[4:]; n > 0; n-- {
		tags = append(tags, osmTag{text(), text()})
	}
	return line, tags, nil
}

// area assembles a relation.
func (r *osm) area(a *osmArea) error {
	m := &r.maker
	m.start()
	tags, own := a.tags, 0
	for _, w := range a.members {
		at := r.parts[w.way]
		if at < 0 {
			if !a.bare || len(r.filter) == 0 {
				r.spoil(Bad{a.id, BadAreaIncomplete, "way " + itoa(w.way) + " of relation " + itoa(a.id) + " is not in the file, or not all of it"})
			}
			return nil
		}
		line, outer, err := r.recall(at)
		if err != nil {
			return err
		}
		m.add(line, w.inner)
		if a.bare && !w.inner && described(outer, osmRemarks) {
			if own++; own == 1 || !isArea(tags) {
				tags = append(slices.Clone(outer), a.tags...)
			}
		}
	}
	if !r.filter.keeps(tags) {
		return nil
	}
	g, bad := m.area()
	if g == nil {
		r.spoil(Bad{a.id, bad.Code, "relation " + itoa(a.id) + ": " + bad.Reason})
		return nil
	}
	r.emit(osmRelation, a.id, tags, g)
	return nil
}
