// Package frame keeps figures on disk the way they are asked for: one contiguous column per slot.
//
// In come zones, measures by zone and slot, and flows by origin, destination and slot. Out come Arrow IPC files that any
// Arrow tool reads and that the server maps into memory without copying a number:
//
//	zones/<system>.arrow             row i is zone i of the system
//	values/<measure>.<system>.arrow  a record batch per slot, all zones in order
//	flows/<flow>.<system>.arrow      a record batch per slot, pairs sorted by origin, then destination
//
// Everything joins by zone index: figure i of a slot belongs to row i of the zones file, and to the tile feature with key
// i+1. A figure that is not published or was not measured has no number in the file at all: its value, lo and hi are NaN,
// and the writer refuses anything else.
//
//	w, err := frame.CreateValues(path, frame.ValuesSpec{Measure: "residents", System: "commune", Zones: 36, Slots: slots})
//	for _, slot := range slots { err = w.Write(figures[slot]) }
//	err = w.Close()
package frame
