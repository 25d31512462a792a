// Package shape has methods on values and on pointers, for programs that embed them and call them through
// interfaces.
package shape

import "fmt"

// A Shape has an area and a name.
type Shape interface {
	Area() int
	Rename(name string) string
}

// Square has a value method and a pointer method.
type Square struct {
	Side int
	name string
}

// Area has a value receiver: through a *Square or an interface it is called by a wrapper.
func (s Square) Area() int {
	return s.Side * s.Side
}

// Rename has a pointer receiver.
func (s *Square) Rename(name string) string {
	old := s.name
	s.name = name
	return old
}

// Tile embeds a Square, whose methods are promoted by wrappers.
type Tile struct {
	Square
	Colour string
}

// Describe is small enough to be inlined into another package.
func Describe(shape Shape) string { return fmt.Sprint(shape.Area()) }
func twice(n int) int             { return 2 * n } // no line of its own above it for a hint

// Double calls twice.
func Double(n int) int {
	return twice(n)
}
