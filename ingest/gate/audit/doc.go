// Package audit plays the attacker of tables with exact margins, and hides what he could find.
//
// In: the values of cells, the equations that bind them (a total and its parts), the cells that must not show. Out: for each
// hidden cell the interval in which he can place it, knowing every published cell, every equation and that nothing is negative
// (a linear program); and a mask under which every such interval is wide enough.
//
// Figures with noise need none of this: their totals are sums of published figures, or have noise of their own.
package audit
