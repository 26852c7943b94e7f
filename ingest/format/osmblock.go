package format

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// pbfBlock holds the objects of one blob. Their slices lie in arenas of the block.
type pbfBlock struct {
	objects []osmObject
	err     error

	strings     [][]byte
	granularity int64 // nanodegrees
	lat0, lon0  int64
	tags        []osmTag
	refs        []int64
	members     []osmMember
	keys, vals  []byte // packed, of the object being read
}

func (f *pbfFile) decode(d *pbfDecoder, blob pbfBlob) *pbfBlock {
	b := &pbfBlock{granularity: 100}
	raw, err := d.unpack(f.at, blob)
	if err == nil {
		err = b.read(raw)
	}
	b.err = err
	return b
}

// read decodes a PrimitiveBlock: first its table of strings and scale, then its groups.
func (b *pbfBlock) read(raw []byte) error {
	var groups [][]byte
	err := pbfFields(raw, func(num protowire.Number, v uint64, m []byte) error {
		switch num {
		case 1:
			return pbfFields(m, func(num protowire.Number, _ uint64, s []byte) error {
				if num == 1 {
					b.strings = append(b.strings, s)
				}
				return nil
			})
		case 2:
			groups = append(groups, m)
		case 17:
			b.granularity = int64(v)
		case 19:
			b.lat0 = int64(v)
		case 20:
			b.lon0 = int64(v)
		}
		return nil
	})
	if err != nil || b.granularity <= 0 || b.granularity > 1e9 {
		return errPBF
	}
	b.objects = make([]osmObject, 0, 8000)
	for _, g := range groups {
		err := pbfFields(g, func(num protowire.Number, _ uint64, m []byte) error {
			switch num {
			case 1:
				return b.node(m)
			case 2:
				return b.dense(m)
			case 3:
				return b.way(m)
			case 4:
				return b.relation(m)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// place scales a position; offsets and granularity are in nanodegrees.
func (b *pbfBlock) place(lon, lat int64) (osmPoint, bool) {
	x, y := (b.lon0+b.granularity*lon)/100, (b.lat0+b.granularity*lat)/100
	return osmPoint{int32(x), int32(y)}, x >= -180_0000000 && x <= 180_0000000 && y >= -90_0000000 && y <= 90_0000000
}

// packed visits the numbers of a packed field.
func packed(m []byte, visit func(v uint64) bool) error {
	for len(m) > 0 {
		v, n := protowire.ConsumeVarint(m)
		if n < 0 || !visit(v) {
			return errPBF
		}
		m = m[n:]
	}
	return nil
}

func (b *pbfBlock) text(i uint64) ([]byte, bool) {
	if i >= uint64(len(b.strings)) {
		return nil, false
	}
	return b.strings[i], true
}

// pairs makes tags of the packed keys and values of the object being read.
func (b *pbfBlock) pairs() ([]osmTag, error) {
	from := len(b.tags)
	for keys, vals := b.keys, b.vals; len(keys) > 0; {
		k, n := protowire.ConsumeVarint(keys)
		v, m := protowire.ConsumeVarint(vals)
		if n < 0 || m < 0 {
			return nil, errPBF
		}
		keys, vals = keys[n:], vals[m:]
		key, ok1 := b.text(k)
		value, ok2 := b.text(v)
		if !ok1 || !ok2 {
			return nil, errPBF
		}
		b.tags = append(b.tags, osmTag{key, value})
	}
	return b.tags[from:len(b.tags):len(b.tags)], nil
}

func (b *pbfBlock) node(m []byte) error {
	o := osmObject{kind: osmNode}
	var lon, lat int64
	b.keys, b.vals = nil, nil
	err := pbfFields(m, func(num protowire.Number, v uint64, m []byte) error {
		switch num {
		case 1:
			o.id = protowire.DecodeZigZag(v)
		case 2:
			b.keys = m
		case 3:
			b.vals = m
		case 8:
			lat = protowire.DecodeZigZag(v)
		case 9:
			lon = protowire.DecodeZigZag(v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var ok bool
	if o.at, ok = b.place(lon, lat); !ok {
		return errPBF
	}
	o.tags, err = b.pairs()
	b.objects = append(b.objects, o)
	return err
}

// dense decodes DenseNodes: columns of differences; tags as key, value, …, 0 for each node. Column 5, who edited when, is
// passed over.
func (b *pbfBlock) dense(m []byte) error {
	var ids, lats, lons, pairs []byte
	err := pbfFields(m, func(num protowire.Number, _ uint64, m []byte) error {
		switch num {
		case 1:
			ids = m
		case 8:
			lats = m
		case 9:
			lons = m
		case 10:
			pairs = m
		}
		return nil
	})
	if err != nil {
		return err
	}
	var id, lat, lon int64
	tagged := len(pairs) > 0
	for len(ids) > 0 {
		d, n := protowire.ConsumeVarint(ids)
		y, k := protowire.ConsumeVarint(lats)
		x, j := protowire.ConsumeVarint(lons)
		if n < 0 || k < 0 || j < 0 {
			return errPBF
		}
		ids, lats, lons = ids[n:], lats[k:], lons[j:]
		id += protowire.DecodeZigZag(d)
		lat += protowire.DecodeZigZag(y)
		lon += protowire.DecodeZigZag(x)
		o := osmObject{kind: osmNode, id: id}
		var ok bool
		if o.at, ok = b.place(lon, lat); !ok {
			return errPBF
		}
		if tagged {
			if o.tags, pairs, err = b.densePairs(pairs); err != nil {
				return err
			}
		}
		b.objects = append(b.objects, o)
	}
	return nil
}

func (b *pbfBlock) densePairs(pairs []byte) (tags []osmTag, rest []byte, err error) {
	from := len(b.tags)
	for len(pairs) > 0 {
		k, n := protowire.ConsumeVarint(pairs)
		if n < 0 {
			return nil, nil, errPBF
		}
		if pairs = pairs[n:]; k == 0 {
			break
		}
		v, n := protowire.ConsumeVarint(pairs)
		key, ok1 := b.text(k)
		value, ok2 := b.text(v)
		if n < 0 || !ok1 || !ok2 {
			return nil, nil, errPBF
		}
		pairs = pairs[n:]
		b.tags = append(b.tags, osmTag{key, value})
	}
	return b.tags[from:len(b.tags):len(b.tags)], pairs, nil
}

func (b *pbfBlock) way(m []byte) error {
	o := osmObject{kind: osmWay}
	from := len(b.refs)
	b.keys, b.vals = nil, nil
	err := pbfFields(m, func(num protowire.Number, v uint64, m []byte) error {
		switch num {
		case 1:
			o.id = int64(v)
		case 2:
			b.keys = m
		case 3:
			b.vals = m
		case 8:
			ref := int64(0)
			return packed(m, func(v uint64) bool {
				ref += protowire.DecodeZigZag(v)
				b.refs = append(b.refs, ref)
				return true
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	o.refs = b.refs[from:len(b.refs):len(b.refs)]
	o.tags, err = b.pairs()
	b.objects = append(b.objects, o)
	return err
}

func (b *pbfBlock) relation(m []byte) error {
	o := osmObject{kind: osmRelation}
	from := len(b.members)
	b.keys, b.vals = nil, nil
	var roles, refs, kinds []byte
	err := pbfFields(m, func(num protowire.Number, v uint64, m []byte) error {
		switch num {
		case 1:
			o.id = int64(v)
		case 2:
			b.keys = m
		case 3:
			b.vals = m
		case 8:
			roles = m
		case 9:
			refs = m
		case 10:
			kinds = m
		}
		return nil
	})
	if err != nil {
		return err
	}
	ref := int64(0)
	for len(refs) > 0 {
		d, n := protowire.ConsumeVarint(refs)
		r, k := protowire.ConsumeVarint(roles)
		t, j := protowire.ConsumeVarint(kinds)
		role, ok := b.text(r)
		if n < 0 || k < 0 || j < 0 || t > uint64(osmRelation) || !ok {
			return errPBF
		}
		refs, roles, kinds = refs[n:], roles[k:], kinds[j:]
		ref += protowire.DecodeZigZag(d)
		b.members = append(b.members, osmMember{osmKind(t), ref, role})
	}
	o.members = b.members[from:len(b.members):len(b.members)]
	o.tags, err = b.pairs()
	b.objects = append(b.objects, o)
	return err
}
