// Iterators uses what recent releases of Go brought: ranges over functions and integers, iterators, generic type
// aliases, min and max, and new with a value.
package main

import (
	"fmt"
	"iter"
	"maps"
	"slices"
)

// Set is a generic alias.
type Set[T comparable] = map[T]struct{}

// Count yields the numbers below a limit.
func Count(limit int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for n := range limit {
			if !yield(n) {
				return
			}
		}
	}
}

// Filter yields the values that keep wants.
func Filter[T any](values iter.Seq[T], keep func(T) bool) iter.Seq[T] {
	return func(yield func(T) bool) {
		for value := range values {
			if keep(value) && !yield(value) {
				return
			}
		}
	}
}

// firstAbove returns from within the body of a range over a function.
func firstAbove(limit int) int {
	for n := range Count(100) {
		defer func() { fmt.Print(n, " ") }()
		if n > limit {
			return n
		}
	}
	return -1
}

// sorted returns a set's elements in order.
func sorted(set Set[string]) []string {
	return slices.Sorted(maps.Keys(set))
}

// bounded keeps a number within bounds.
func bounded(n, low, high int) int { return min(max(n, low), high) }

func main() {
	even := func(n int) bool { return n%2 == 0 }
	fmt.Println(slices.Collect(Filter(Count(10), even)))
	fmt.Println(firstAbove(2), sorted(Set[string]{"b": {}, "a": {}}), bounded(12, 0, 9), *new(bounded(3, 0, 9)))
}
