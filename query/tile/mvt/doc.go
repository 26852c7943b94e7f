// Package mvt reads vector tiles (specification 2.1) strictly, for inspection and for the tests of what we encode. It is
// written from the specification and shares nothing with the encoder.
package mvt
