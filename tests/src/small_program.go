// A program whose functions are given values of every kind.
package main

import (
	"errors"
	"os"
)

type point struct {
	X, Y float64
	name string
}

type node struct {
	next  *node
	items map[string][]point
	any   any
	err   error
}

type list[T any] struct{ items []T }

//go:noinline
func (l *list[T]) push(item T) int { l.items = append(l.items, item); return len(l.items) }

//go:noinline
func (p point) scale(by float32) (point, error) {
	if by == 0 {
		return p, errors.New("by nothing")
	}
	return point{p.X * float64(by), p.Y, p.name}, nil
}

//go:noinline
func walk(n *node, visit func(*node) bool, done chan int, rest ...[3]complex128) (depth int) {
	for ; n != nil && visit(n); n = n.next {
		depth++
	}
	done <- depth
	return depth + len(rest)
}

func main() {
	done := make(chan int, 2)
	ring := &node{items: map[string][]point{"a": {{1, 2, "p"}}}, any: 5, err: errors.New("x")}
	ring.next = ring
	left := len(os.Args) + 3
	walk(ring, func(*node) bool { left--; return left > 0 }, done, [3]complex128{1i})
	(&list[int]{}).push(1)
	(&list[*node]{}).push(ring)
	_, _ = point{1, 2, "p"}.scale(2)
}
