package kinds

// Engine has methods that others promote.
type Engine struct {
	Power int
	on    bool
}

// Rated has a value as its receiver.
func (e Engine) Rated(factor int) int { return e.Power * factor }

// Switch has a pointer as its receiver.
func (e *Engine) Switch(on bool) (was bool) {
	was, e.on = e.on, on
	return was
}

// Car promotes the methods of a struct.
type Car struct {
	Name string
	Engine
}

// Truck promotes the methods of a pointer.
type Truck struct {
	Load int
	*Engine
}

// Motor is what an engine can do.
type Motor interface {
	Rated(factor int) int
	Switch(on bool) bool
}

// Fleet promotes the methods of an interface.
type Fleet struct {
	Count int
	Motor
}

// Sum3 has an array as its receiver.
type Sum3 [3]int

// Of has an array as its receiver.
func (s Sum3) Of(more int) int { return s[0] + s[1] + s[2] + more }

// Total has a float as its receiver.
func (c Celsius) Total(more Celsius) Celsius { return c + more }

// Next has a small integer as its receiver.
func (d Weekday) Next() Weekday { return (d + 1) % 7 }

// Call has a func as its receiver.
func (c Callback) Call(n int) Callback { return c }

// Size has a map as its receiver.
func (t Table) Size(least int) int { return len(t) + least }

// Waiting has a channel as its receiver.
func (p Pipe) Waiting() (length, capacity int) { return len(p), cap(p) }

// Nameless has a receiver without a name.
func (Point) Nameless(n int) int { return n }

// Underscore has a blank receiver.
func (_ *Point) Underscore(s string) string { return s }

// Nothing has a receiver without a size.
func (e Empty) Nothing(n int) (Empty, int) { return e, n }

// Weight has a large receiver.
func (l Large) Weight(by int) int { return l.Counts[0]*by + len(l.Name) }
