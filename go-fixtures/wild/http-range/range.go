// Package httprange has a path in which the compiler's own word for loop bodies stands.
package httprange

import "go.goproctor.test/wild/account"

// Parse is called.
func Parse(n int) int { account.Call("go.goproctor.test/wild/http-range.Parse", n); return n }

// Option gives a function, and is small enough to be inlined where it is called.
func Option(n int) func(n int) int {
	return func(n int) int {
		account.Call("go.goproctor.test/wild/http-range.Option.func1", n)
		return n
	}
}
