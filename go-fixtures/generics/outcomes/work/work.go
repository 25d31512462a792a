// Package work has generic functions that return, panic, recover and exit. Each is called with an id of its own.
package work

import "goproctor.test/base/outcomes/journal"

// A J is the account of the goroutine.
type J = *journal.Journal

// Plain returns.
//
//go:noinline
func Plain[T any](id int, j J, value T) int {
	return 2 * id
}

// Throw panics with a value.
//
//go:noinline
func Throw[T any](id int, j J, value T) int {
	panic(value)
}

// Exit calls runtime.Goexit.
//
//go:noinline
func Exit[T any](id int, j J, value T) int {
	j.Exit()
	return id
}

// Guard recovers.
//
//go:noinline
func Guard[T any](id int, j J, value T, body func(T)) (result int) {
	defer func() {
		if recover() != nil {
			j.Recovered(id)
			result = -id
		}
	}()
	body(value)
	return id
}

// GuardLoop recovers, by defers in a loop.
//
//go:noinline
func GuardLoop[T any](id int, j J, values []T, body func(T)) (result int) {
	for range values {
		defer func() {
			if recover() != nil {
				j.Recovered(id)
				result = -id
			}
		}()
	}
	body(values[0])
	return id
}

// Climb calls itself so many times, then a function.
//
//go:noinline
func Climb[T any](id int, j J, n int, value T, body func(T)) int {
	if n == 0 {
		body(value)
		return id
	}
	next := j.Enter("Climb")
	j.Leave(next, Climb(next, j, n-1, value, body))
	return id
}

// A Box has methods of a generic type.
type Box[T any] struct{ Value T }

// Guard recovers.
//
//go:noinline
func (b *Box[T]) Guard(id int, j J, body func(T)) (result int) {
	defer func() {
		if recover() != nil {
			j.Recovered(id)
			result = -id
		}
	}()
	body(b.Value)
	return id
}

// Do calls a function.
//
//go:noinline
func (b Box[T]) Do(id int, j J, body func(T)) int {
	body(b.Value)
	return id
}

// A Doer is what a Box is.
type Doer[T any] interface {
	Guard(id int, j J, body func(T)) int
	Do(id int, j J, body func(T)) int
}
