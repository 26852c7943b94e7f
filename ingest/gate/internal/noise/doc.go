// Package noise is the arithmetic of the gate: exact samplers of discrete noise, the laws they follow in closed form, and
// what must be known of them before they are used (half-width, threshold, privacy loss).
//
// In: a privacy loss in millionths, a failure probability, the bounds on what one unit contributes. Out: a Mechanism, whose
// draws are integers made from integers: no floating-point number is rounded on the way to a published figure, so the
// attack of Mironov (CCS 2012) on the low bits of real-valued noise has nothing to work on. Closed forms, half-widths and
// thresholds are computed in floating point; they decide nothing about a draw.
//
// Sources: Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential Privacy" (NeurIPS 2020), algorithms 1 to 3;
// Kairouz, Liu, Steinke, "The Distributed Discrete Gaussian Mechanism" (ICML 2021), theorem 1; Balle and Wang, "Improving
// the Gaussian Mechanism" (ICML 2018), theorem 8; google/differential-privacy, pre_thresholding.md. The derivations are in
// doc/gate.
package noise
