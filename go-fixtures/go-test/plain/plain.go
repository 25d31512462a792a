// Package plain has tests and nothing that is watched: the oracle for a package that is left alone.
package plain

// Double doubles.
func Double(n int) int { return 2 * n }
