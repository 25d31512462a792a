package kinds

import "fmt"

// Carry takes and returns an interface without methods.
func Carry(v interface{}) interface{} { return v }

// Describe takes an interface of the standard library.
func Describe(s fmt.Stringer) fmt.Stringer { return s }

// Compare takes interfaces with methods.
func Compare(a, b Shape) (larger Shape) {
	if a == nil || b == nil {
		return nil
	}
	return b
}

// Envelope has an interface in it.
type Envelope struct {
	Subject string
	Body    interface{}
	Sender  Shape
}

// Send takes a struct with interfaces.
func Send(e Envelope) *Envelope { return &e }

// Behalf takes a pointer to an interface.
func Behalf(p *interface{}, s *Shape) (interface{}, Shape) { return *p, *s }

// Inspect has an interface without a name.
func Inspect(v interface{ Area() int }) interface {
	Area() int
	Grow(int)
} {
	both, _ := v.(Shape)
	return both
}

// Cube is a shape that embeds one.
type Cube struct {
	Square
	Depth int
}

// Flag is a bool with a method.
type Flag bool

func (f Flag) String() string { return "flag" }

// Table is a map with a method.
type Table map[string]int

func (t Table) String() string { return "table" }

// Callback is a func with a method.
type Callback func(int) int

func (c Callback) String() string { return "callback" }

// Pipe is a channel with a method.
type Pipe chan int

func (p Pipe) String() string { return "pipe" }

// Slot is a struct of one pointer, which an interface holds in place.
type Slot struct{ p *Point }

func (s Slot) String() string { return "slot" }

// Cell is an array of one pointer, which an interface holds in place.
type Cell [1]*Point

func (c Cell) String() string { return "cell" }
