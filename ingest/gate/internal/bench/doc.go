// Package bench compares the gate with DuckDB's count(distinct) on the same rows. It has benchmarks only, so that the gate's own
// tests need not link DuckDB.
package bench
