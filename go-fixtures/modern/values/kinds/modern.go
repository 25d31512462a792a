// Package kinds holds functions over what newer releases of Go brought, and nothing else that is called.
package kinds

import (
	"errors"
	"iter"
	"sync/atomic"
	"time"
	"unique"
	"weak"
)

// Vector is an alias with a type parameter.
type Vector[T any] = []T

// Table is an alias of a map.
type Table[V any] = map[string]V

// Scale takes and returns aliases.
func Scale(v Vector[int], by int) Vector[int] {
	scaled := make(Vector[int], 0, len(v))
	for _, n := range v {
		scaled = append(scaled, n*by)
	}
	return scaled
}

// Merge takes aliases of maps.
func Merge(t Table[bool], key string) Table[bool] { return t }

// Sequence takes an iterator.
func Sequence(s iter.Seq[int], p iter.Seq2[string, int]) (iter.Seq[int], bool) { return s, p == nil }

// Handle takes what makes values unique.
func Handle(h unique.Handle[string]) unique.Handle[string] { return h }

// Weak takes a weak pointer.
func Weak(p weak.Pointer[int]) bool { return p.Value() != nil }

// Clear empties a map and a slice.
func Clear(m map[int]string, s []int) (map[int]string, []int) {
	clear(m)
	clear(s)
	return m, s
}

// Smallest uses what is built in.
func Smallest(a, b, c int) (low, high int) { return min(a, b, c), max(a, b, c) }

// ToArray converts a slice to an array.
func ToArray(s []int16) ([2]int16, *[2]int16) { return [2]int16(s), (*[2]int16)(s) }

// Counters has atomic fields.
type Counters struct {
	Hits  atomic.Int64
	Ready atomic.Bool
	Last  atomic.Pointer[string]
	Any   atomic.Value
}

// Count takes a struct of atomics.
func Count(c *Counters) *Counters { return c }

// Join returns an error of several.
func Join(first, second error) error { return errors.Join(first, second) }

// Comparable is satisfied by interfaces.
func Comparable[T comparable](v T, all map[T]int) (T, int) { return v, all[v] }

// Node has a constraint that speaks of itself.
type Node[T Ordered[T]] struct {
	Value T
	Left  *Node[T]
}

// Ordered speaks of itself.
type Ordered[T any] interface {
	Less(T) bool
}

// Age is ordered.
type Age int

// Less is for the constraint.
func (a Age) Less(b Age) bool { return a < b }

// Insert takes and returns a generic tree.
func (n *Node[T]) Insert(v T) *Node[T] { return &Node[T]{v, n} }

// Wait takes times.
func Wait(d time.Duration, at time.Time) (time.Time, time.Month) { return at.Add(d), at.Month() }

// Loop returns closures, each with a variable of its own.
func Loop(count int) []func() int {
	all := make([]func() int, 0, count)
	for i := range count {
		all = append(all, func() int { return i })
	}
	return all
}

// Each returns an iterator that captures a slice.
func Each(all []string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i, one := range all {
			if !yield(i, one) {
				return
			}
		}
	}
}
