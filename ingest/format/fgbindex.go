package format

import (
	"encoding/binary"
	"errors"
	"slices"
)

// fgbLevel is the nodes [start, end) of one level of the index; level 0 holds the features.
type fgbLevel struct{ start, end int64 }

func fgbLevels(features uint64, node int64) []fgbLevel {
	if features > 1<<40 || node < 2 {
		return []fgbLevel{{}}
	}
	var sizes []int64
	total := int64(0)
	for n := int64(features); ; {
		sizes = append(sizes, n)
		total += n
		if n == 1 && len(sizes) > 1 || n == 0 {
			break
		}
		n = (n + node - 1) / node
	}
	levels := make([]fgbLevel, len(sizes))
	end := total
	for i, n := range sizes {
		levels[i] = fgbLevel{end - n, end}
		end -= n
	}
	return levels
}

// search collects the offsets of the features whose boxes meet the box.
func (r *flatgeobuf) search(header fbTable, index int64) error {
	again := r.src
	if again.plain == nil { // the stream is past the header
		var err error
		if again, err = r.src.reopen(); err != nil {
			return err
		}
		r.src.closers = append(r.src.closers, again.close)
	}
	at, size, err := again.random()
	if err != nil {
		return err
	}
	r.at, r.size = &countedAt{ReaderAt: at, n: &r.src.consumed}, size
	node := int64(header.uint16(9, 16))
	levels := fgbLevels(header.uint64(8), node)
	type todo struct {
		first int64
		level int
	}
	stack := []todo{{0, len(levels) - 1}}
	b := make([]byte, node*fgbNode)
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		end := min(at.first+node, levels[at.level].end)
		if at.first < levels[at.level].start || end <= at.first {
			return damagedFGB(errFGB)
		}
		b = b[:(end-at.first)*fgbNode]
		if _, err := r.at.ReadAt(b, index+at.first*fgbNode); err != nil {
			return damagedFGB(errors.New("it ends inside its index"))
		}
		for n := b; len(n) > 0; n = n[fgbNode:] {
			if float64At(n) > r.box.Max[0] || float64At(n[8:]) > r.box.Max[1] || float64At(n[16:]) < r.box.Min[0] || float64At(n[24:]) < r.box.Min[1] {
				continue
			}
			offset := int64(binary.LittleEndian.Uint64(n[32:]))
			if at.level == 0 {
				r.found = append(r.found, offset)
			} else {
				stack = append(stack, todo{offset, at.level - 1})
			}
		}
	}
	slices.Sort(r.found)
	return nil
}
