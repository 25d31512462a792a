package kinds

// Apply takes a function; it does not call it.
func Apply(f func(int) int, n int) func(int) int {
	if n < 0 {
		return nil
	}
	return f
}

// Adder returns a closure that captures a number.
func Adder(by int) func(int) int {
	return func(n int) int { return n + by }
}

// Counter returns a closure that captures a variable by reference.
func Counter(from int) func() int {
	count := from
	return func() int {
		count++
		return count
	}
}

// Greeter returns a closure that captures variables of many kinds.
func Greeter(name string, times int, loud bool, who []string, at *Point, any interface{}) func() string {
	return func() string {
		if !loud || any == nil || at == nil {
			return name
		}
		return name + who[times]
	}
}

// Weigher returns a closure that captures floats and a struct.
func Weigher(factor float64, p Point, c Colour) func(float64) float64 {
	return func(x float64) float64 { return x*factor + float64(p.X) + float64(c.R) }
}

// Composed returns a closure that captures functions.
func Composed(f, g func(int) int) func(int) int {
	return func(n int) int { return f(g(n)) }
}

// Both returns two closures that share a variable.
func Both(start int) (get func() int, set func(int)) {
	shared := start
	return func() int { return shared }, func(n int) { shared = n }
}

// Plain returns a function literal that captures nothing.
func Plain() func() string {
	return func() string { return "plain" }
}

// Bound returns a bound method.
func Bound(s Square) func() int { return s.Area }

// BoundPointer returns a method that is bound to a pointer.
func BoundPointer(c *Circle) func(int) { return c.Grow }

// Variadic takes functions with signatures of all forms.
func Variadic(f func(string, ...int) (int, error), g func(), h func(func() bool) chan<- int) (bool, bool, bool) {
	return f == nil, g == nil, h == nil
}

// Handlers has functions in it.
type Handlers struct {
	Name string
	On   func(int) int
	All  []func() string
}

// Register takes a struct of functions.
func Register(h Handlers) *Handlers { return &h }
