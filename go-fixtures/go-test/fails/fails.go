//go:build failing
// +build failing

// Package fails has tests that fail in every way, and ones that print what package testing prints: the oracle for
// exit codes, for the output around a verdict, and for tests that never end. Those that end the process or block are
// to be run alone. Each makes calls before it does what it does.
package fails

import "goproctor.test/gotest/account"

// Step is watched.
func Step(who string, run, n int, name string) {
	account.Call("fails.Step", who, run, n)
}
