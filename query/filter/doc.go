// Package filter chooses features by their properties and their place, in a small language that cannot be misused: a subset of CQL2 text
// (OGC 21-065r2) typed by the properties of the layer.
//
// In: a text from an address and the properties of a layer. Out: an error that says where and why, or a filter in a normal
// form, which equivalent texts share, and which chooses rows of a layer file without allocating.
//
//	height > 12.5 AND usage IN ('school', 'sport') AND NOT (name LIKE 'École%' OR year IS NULL)
//
// There are = <> < <= > >=, [NOT] IN (…), [NOT] BETWEEN … AND …, [NOT] LIKE 'a%b_', IS [NOT] NULL, S_INTERSECTS(geometry, …), AND, OR, NOT,
// TRUE, FALSE and parentheses; and the same in CQL2 JSON. Texts are in single quotes and compared byte by byte, as the file orders them; a name that is not letters,
// digits and underscores is in double quotes. A boolean property may stand by itself. A comparison with a missing value is
// neither true nor false (SQL's three-valued logic), so neither a condition nor its NOT chooses that feature.
package filter
