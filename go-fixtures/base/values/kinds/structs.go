package kinds

import "sync"

// Single has one field.
type Single struct{ Only int }

// Wrapped has one field that has one field.
type Wrapped struct{ Inner Single }

// Empty has no field.
type Empty struct{}

// Blank has fields that nobody can name, and one without a size.
type Blank struct {
	_     int32
	Kept  int16
	_     [0]func()
	Empty struct{}
	_     string
	Last  bool
}

// Base is embedded.
type Base struct {
	ID   int
	name string
}

// Extra is embedded by a pointer.
type Extra struct {
	Note string
	Next *Extra
}

// Level is an embedded number.
type Level int

// Whole embeds a struct, a pointer, a number and an interface.
type Whole struct {
	Base
	*Extra
	Level
	Shape
	own float64
}

// Large is larger than registers hold.
type Large struct {
	Name   string
	Counts [6]int
	Flags  [3]bool
	Points [2]Point
	Parent *Point
	Tags   map[string]string
	Any    interface{}
	Last   uint8
}

// Padded has holes between its fields.
type Padded struct {
	A bool
	B int64
	C bool
	D int32
	E bool
	F int16
	G byte
}

// Vector is a struct of floats.
type Vector struct {
	X, Y, Z float64
}

// Colour is a struct of small floats.
type Colour struct {
	R, G, B, A float32
}

// Blend is a struct of numbers of both kinds.
type Blend struct {
	Weight float32
	Count  int
	Sum    complex128
	Label  string
}

// Nested has structs without a name in it.
type Nested struct {
	Outer struct {
		Inner struct {
			Deep  string
			Depth int
		}
		Side bool
	}
	List []struct{ Key, Value string }
}

// Tagged has a field with a tag.
type Tagged struct {
	Name string `json:"name,omitempty"`
}

// Guarded holds a lock of another package.
type Guarded struct {
	mu    sync.Mutex
	count int
}

// Header is a struct of slices of everything.
type Header struct {
	Bools   []bool
	Bytes   []byte
	Strings []string
	Floats  []float64
	Maps    []map[int]bool
	Nil     []int
}

// KeepSingle returns a struct of one field.
func KeepSingle(s Single) Single { return s }

// KeepWrapped returns a struct of a struct.
func KeepWrapped(w Wrapped) (Wrapped, Single) { return w, w.Inner }

// KeepEmpty takes values without a size among others.
func KeepEmpty(before int, e Empty, after string, _ [0]int, last struct{}) (Empty, string, [0]int) {
	return e, after, [0]int{}
}

// KeepBlank returns a struct with blank fields.
func KeepBlank(b Blank) Blank { return b }

// LoadBlank takes a pointer to one.
func LoadBlank(b *Blank) bool { return b.Last }

// KeepWhole returns a struct that embeds others.
func KeepWhole(w Whole) Whole { return w }

// LoadWhole takes a pointer to one.
func LoadWhole(w *Whole) (Base, *Extra) { return w.Base, w.Extra }

// KeepLarge returns a struct that no registers hold.
func KeepLarge(before int8, l Large, after int8) (int8, Large) { return after, l }

// LoadLarge takes a pointer to one.
func LoadLarge(l *Large) *Large { return l }

// KeepPadded returns a struct with holes.
func KeepPadded(p Padded) (Padded, bool) { return p, p.C }

// Scale returns a struct of floats.
func Scale(v Vector, by float64) Vector { return Vector{v.X * by, v.Y * by, v.Z * by} }

// LoadVector takes a pointer to one.
func LoadVector(v *Vector) [2]float64 { return [2]float64{v.X, v.Y} }

// Mix returns a struct of small floats.
func Mix(c, d Colour) (mixed Colour) {
	return Colour{c.R + d.R, c.G + d.G, c.B + d.B, c.A + d.A}
}

// KeepBlend returns a struct of numbers of both kinds.
func KeepBlend(b Blend) (Blend, float32) { return b, b.Weight }

// KeepNested returns structs without a name.
func KeepNested(n Nested) Nested { return n }

// Anonymous takes and returns a struct without a name.
func Anonymous(s struct {
	A int
	B string
}) struct{ C []int } {
	return struct{ C []int }{[]int{s.A, len(s.B)}}
}

// KeepTagged returns a struct with a tag.
func KeepTagged(t Tagged) Tagged { return t }

// Lock takes a struct with a lock in it.
func Lock(g *Guarded) int {
	g.mu.Lock()
	g.count++
	return g.count
}

// KeepHeader returns a struct of slices.
func KeepHeader(h Header) Header { return h }

// TwoPoints takes structs that share registers.
func TwoPoints(p, q Point) (r, s Point) { return q, p }

// Split takes more structs than registers hold.
func Split(a, b, c Padded, d Point, e Base) (Base, Padded) { return e, b }
