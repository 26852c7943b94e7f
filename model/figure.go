package model

// Flag says what a figure is besides its number. The four states look different to a planner.
type Flag uint8

const (
	OK           Flag = 0 // published as it is; zero is a value like another
	Estimated    Flag = 1 // imputed by its producer, or a share of a commune that was split
	NotPublished Flag = 2 // withheld: too few people, or a secrecy mark of the producer
	NoData       Flag = 3 // nothing was measured
	Partial      Flag = 4 // a part is missing: a day without all its hours, a mean over less than half of its days, a sum of which a part is withheld
)

func (f Flag) String() string {
	return [...]string{"ok", "estimated", "not_published", "no_data", "partial"}[f]
}

// Grids that are built in: INSEE's square cells in EPSG:3035, with ids as INSEE writes them.
const (
	Cell200m = "cell_200m"
	Cell1km  = "cell_1km"

	// The same squares, all those of the territory, lived in or not: for figures about people, who are also where nobody lives.
	AllCells200m = "all_cells_200m"
	AllCells1km  = "all_cells_1km"
)

// GridSize is the side in metres of a built-in grid, or 0.
func GridSize(system string) int {
	switch system {
	case Cell200m, AllCells200m:
		return 200
	case Cell1km, AllCells1km:
		return 1000
	}
	return 0
}
