// Package work holds the functions whose calls the oracle writes down, and nothing else: a glob over the
// package watches exactly what the log holds.
package work

import (
	"strings"
	"sync/atomic"

	"goproctor.test/base/oracle/journal"
)

// ticket is what Draw counts; goroutines compete for it.
var ticket uint32

// Draw returns the next ticket that four divides. A leaf without a frame and without arguments: its first
// instruction is the head of its loop in every release from 1.15 to 1.27, and three draws of four branch back to it.
func Draw() uint32 {
	for {
		n := atomic.AddUint32(&ticket, 1)
		if n%4 == 0 {
			return n
		}
	}
}

// Halve divides by two, at least once, until the number is odd; it must be at least 2. With its argument in a
// register, in Go 1.17 to 1.20, its first instruction is the head of its loop as well, and each time round the
// register holds another number; later releases jump into the loop, earlier ones load the argument first.
func Halve(n uint64) uint64 {
	for {
		n >>= 1
		if n&1 != 0 {
			return n
		}
	}
}

// Add is a leaf without a frame.
func Add(a, b int) int {
	return a + b
}

// Pick returns the first string or the second.
func Pick(first, second string, wantFirst bool) string {
	if wantFirst {
		return first
	}
	return second
}

// Divide has several results with names.
func Divide(dividend, divisor int64) (quotient, remainder int64, ok bool) {
	if divisor == 0 {
		return 0, 0, false
	}
	return dividend / divisor, dividend % divisor, true
}

// Wide has more arguments and results than there are registers, of every size.
func Wide(a int, b string, c bool, d int8, e uint16, f int32, g uint64, h string, i int16, j uint8, k uint32, l string, m int64, n bool, o uintptr) (string, int, bool, int8, uint16, int32, uint64, string, int16, uint8, uint32, int64) {
	return h + l, a + int(o), c != n, -d, e + 1, f - 1, g ^ 1, b, i, j, k, m
}

// Shout allocates its result.
func Shout(s string, times int) string {
	return strings.Repeat(strings.ToUpper(s), times)
}

// Pair is two strings.
type Pair struct {
	Left, Right string
}

// Join is a method on a value.
func (p Pair) Join(separator string) string {
	return p.Left + separator + p.Right
}

// Counter counts.
type Counter struct {
	Count int
}

// Increase is a method on a pointer.
func (c *Counter) Increase(by int) int {
	c.Count += by
	return c.Count
}

// Climb calls itself depth times, in frames large enough to make the stack grow, and returns the depth.
func Climb(j *journal.Journal, depth int, name string) int {
	if depth == 0 {
		return 0
	}
	var weight [512]byte
	weight[depth%len(weight)] = 1
	call := j.Enter("goproctor.test/base/oracle/work.Climb", j.Next(), depth-1, name)
	below := Climb(j, depth-1, name)
	j.Leave(call, below)
	return below + int(weight[depth%len(weight)])
}

// Order calls other functions on its way.
func Order(j *journal.Journal, item string, quantity int, express bool) (text string, total int) {
	call := j.Enter("goproctor.test/base/oracle/work.Add", quantity, 7)
	total = Add(quantity, 7)
	j.Leave(call, total)

	call = j.Enter("goproctor.test/base/oracle/work.Pick", item, "standard", express)
	text = Pick(item, "standard", express)
	j.Leave(call, text)

	call = j.Enter("goproctor.test/base/oracle/work.Shout", text, 2)
	text = Shout(text, 2)
	j.Leave(call, text)
	return text, total
}
