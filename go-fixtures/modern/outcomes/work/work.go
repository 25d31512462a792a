// Package work ranges over functions, whose loop bodies are functions of their own: what they defer belongs to the function
// around the loop. Each is called with an id of its own.
package work

import (
	"iter"

	"goproctor.test/base/outcomes/journal"
)

// A J is the account of the goroutine.
type J = *journal.Journal

// Throw panics.
//
//go:noinline
func Throw(id int, j J) int {
	panic(id)
}

// Exit calls runtime.Goexit.
//
//go:noinline
func Exit(id int, j J) int {
	j.Exit()
	return id
}

// Upto yields the numbers below n.
//
//go:noinline
func Upto(id int, j J, n int, yield func(int) bool) int {
	for i := range n {
		if !yield(i) {
			return i
		}
	}
	return n
}

// Careless yields once, and recovers what the loop's body panics with.
//
//go:noinline
func Careless(id int, j J, yield func(int) bool) (result int) {
	defer func() {
		if recover() != nil {
			j.Recovered(id)
			result = -id
		}
	}()
	yield(0)
	return id
}

// upto notes the call of Upto.
func upto(j J, n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		id := j.Enter("Upto")
		j.Leave(id, Upto(id, j, n, yield))
	}
}

// careless notes the call of Careless.
func careless(j J) iter.Seq[int] {
	return func(yield func(int) bool) {
		id := j.Enter("Careless")
		j.Leave(id, Careless(id, j, yield))
	}
}

// GuardBefore defers in the loop's body what recovers a panic after the loop.
//
//go:noinline
func GuardBefore(id int, j J, n int, body func()) (result int) {
	for i := range upto(j, n) {
		defer func() {
			if recover() != nil {
				j.Recovered(id)
				result = -i
			}
		}()
	}
	body()
	return id
}

// GuardWithin recovers what the loop's body panics with, by a defer of that body.
//
//go:noinline
func GuardWithin(id int, j J, n int, body func()) (result int) {
	for i := range upto(j, n) {
		defer func() {
			if recover() != nil {
				j.Recovered(id)
				result = -i
			}
		}()
		if i == n-1 {
			body()
		}
	}
	return id
}

// GuardAround recovers what the loop's body panics with.
//
//go:noinline
func GuardAround(id int, j J, n int, body func()) (result int) {
	defer func() {
		if recover() != nil {
			j.Recovered(id)
			result = -id
		}
	}()
	for range upto(j, n) {
		for range upto(j, n) {
			body()
		}
	}
	return id
}

// ReturnWithin returns from the loop's body.
//
//go:noinline
func ReturnWithin(id int, j J, n int, body func()) int {
	for i := range upto(j, n) {
		defer body()
		if i == n/2 {
			return i
		}
	}
	return id
}

// Resume ranges over a function that recovers: when that returns, the runtime panics in its stead.
//
//go:noinline
func Resume(id int, j J, body func()) int {
	for range careless(j) {
		body()
	}
	return id
}
