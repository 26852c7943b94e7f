// Package fact turns loaded tables into figures: measures by zone and slot, flows by origin and destination.
//
// In: tables of the build file and the zone systems. Out: Frames (every zone of a system in order, for every slot) with a
// value, an interval where one is known, and a flag; and the tables measure and flow, which the release carries.
//
// Every total of a coarser system is the sum of its published leaves, so nothing can be differenced out of it.
package fact
