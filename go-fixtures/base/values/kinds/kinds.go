// Package kinds holds the functions whose calls the program writes down, and nothing else that is called: a glob over
// the package watches exactly what the account holds. For each of many kinds of values there is a family of functions
// that generate wrote; the others are here by what they are about.
package kinds

import "fmt"

// Celsius is a named float.
type Celsius float64

// Weekday is a named integer.
type Weekday uint8

// Two days of the week.
const (
	Sunday Weekday = iota
	Monday
)

// Point is a struct without pointers.
type Point struct {
	X, Y int32
}

// Shape is an interface with methods.
type Shape interface {
	Area() int
	Grow(by int)
}

// Square is a shape by its value.
type Square struct {
	Side int
}

// Area is squared.
func (s Square) Area() int { return s.Side * s.Side }

// Grow leaves the square as it is.
func (s Square) Grow(by int) {}

// Circle is a shape by its pointer.
type Circle struct {
	Radius int
	Name   string
}

// Area is rough.
func (c *Circle) Area() int { return 3 * c.Radius * c.Radius }

// Grow makes the circle larger.
func (c *Circle) Grow(by int) { c.Radius += by }

// Code is an error that is a number.
type Code int

func (c Code) Error() string { return fmt.Sprintf("code %d", int(c)) }
