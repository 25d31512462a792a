// Package dep is vendored, and its path has dots and a dash.
package dep

import "go.goproctor.test/wild/account"

// Call is called.
//
//go:noinline
func Call(n int) int {
	account.Call("go.vendored.test/some-dep.v1.Call", n)
	return func(n int) int { account.Call("go.vendored.test/some-dep.v1.Call.func1", n); return n }(n + 1)
}
