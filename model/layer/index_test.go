package layer

import "testing"

// BenchmarkIndex makes the levels of the index above the features, as Open does.
func BenchmarkIndex(b *testing.B) {
	const n = 1_000_000
	batch := Batch{Rows: n}
	for i := range int32(n) {
		batch.MinX, batch.MaxX = append(batch.MinX, i), append(batch.MaxX, i+10)
		batch.MinY, batch.MaxY = append(batch.MinY, -i), append(batch.MaxY, 10-i)
	}
	for b.Loop() {
		newIndex([]Batch{batch})
	}
	b.ReportMetric(n, "features")
}
