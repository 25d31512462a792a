package kinds

import (
	"unsafe"

	"goproctor.test/base/values/outside"
)

// Nil has no parameter and no result.
func Nil() {}

// Results has results alone.
func Results() (int, string, error, []byte, bool) { return 1, "two", nil, []byte("three"), true }

// Named has results with names.
func Named(n int) (half, rest int, even bool) { return n / 2, n % 2, n%2 == 0 }

// Bare sets its results before a bare return, and one of them in a deferred function.
func Bare(n int) (first, second int, text string) {
	defer outside.Set(&second, n+1)
	first, text = n, "bare"
	return
}

// Rescued returns what a deferred function sets after a panic.
func Rescued(divisor int) (quotient int, err error) {
	defer outside.Rescue(&err, ErrBase)
	return 100 / divisor, nil
}

// Interleaved takes integers and floats by turns, more than there are registers of both.
func Interleaved(a int, b float64, c int8, d float32, e uint16, f float64, g int32, h float32, i uint64, j float64, k bool, l float64, m string, n float64, o []int, p float64, q error, r float64, s complex128, t float64) (float64, int, float32, string, complex64) {
	return b + f, a, d + h, m, complex64(s)
}

// Floats takes more floats than there are registers.
func Floats(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q float64) (r, s, t float64) {
	return q, p, a
}

// Ints takes more integers than there are registers.
func Ints(a int8, b int16, c int32, d int64, e uint8, f uint16, g uint32, h uint64, i bool, j int8, k int16, l bool, m uint8) (int16, int8) {
	return k, j
}

// Spilled takes a struct that does not fit into the registers that are left, and a number that does.
func Spilled(a, b, c, d, e, f, g int, s string, h [2]string, i int) (string, int, [2]string) {
	return s, i, h
}

// Arrays takes arrays, of which only short ones go into registers.
func Arrays(none [0]int, one [1]string, two [2]int16, many [5]Point, last int) ([1]string, [2]int16, [0]int, [5]Point) {
	return one, two, none, many
}

// Matrix takes arrays of arrays.
func Matrix(m [2][3]int16, one [1][1]string) [3][2]int16 {
	return [3][2]int16{{m[0][0], m[1][0]}, {m[0][1], m[1][1]}, {m[0][2], m[1][2]}}
}

// Long takes an array longer than is shown.
func Long(all [40]int) (half [20]int) {
	copy(half[:], all[20:])
	return half
}

// Bools takes small values that share words on the stack.
func Bools(a bool, b bool, c uint8, d bool, e int16, f bool, g [3]bool) (bool, uint8, bool, [3]bool) {
	return b, c, f, g
}

// Everything takes a value of each kind.
func Everything(b bool, i int, u uint, f float64, c complex128, s string, y []byte, a [2]int, l []int, t Point, p *Point, m map[string]int, e interface{}, r error, n func(), h chan int, x unsafe.Pointer) (bool, string, []int, *Point, map[string]int, interface{}, error, chan int) {
	return b, s, l, p, m, e, r, h
}

// Optional is variadic with interfaces.
func Optional(format string, all ...interface{}) []interface{} { return all }

// Only is variadic alone.
func Only(all ...Point) int { return len(all) }

// Grow needs more stack than a goroutine has at first.
func Grow(s string, at int) string {
	var room [8192]byte
	room[at] = byte(len(s))
	return s[:room[(at+1)%len(room)]+room[at]]
}
