// Package work has the watched functions, each of another shape.
package work

import (
	"fmt"
	"strconv"

	"goproctor.test/base/torture/aid"
	"goproctor.test/base/torture/tally"
)

// Scalar has a small frame.
//
//go:noinline
func Scalar(a, b int) int { return aid.Mix(a) ^ aid.Mix(b) }

// Leaf has no frame.
//
//go:noinline
func Leaf(a, b int) int { return a ^ b<<3 }

// Spin has no frame, and a loop.
//
//go:noinline
func Spin(n uint) (sum uint) {
	for ; n != 0; n-- {
		sum += n & 3
	}
	return sum
}

// Small has a frame without room.
//
//go:noinline
func Small(n int) { aid.Touch(n) }

// Nosplit does not check the stack.
//
//go:noinline
//go:nosplit
func Nosplit(n int) (int, *aid.Cell) { return n * 2, aid.New(n) }

// Float has results in vector registers.
//
//go:noinline
func Float(a, b float64) (float64, float64) { return aid.Half(a) + b, b }

// Text makes its result.
//
//go:noinline
func Text(n int) string { return "text-" + strconv.Itoa(n) }

// Many makes results of several types, which nobody else points to. The last ones are on the stack in every release.
//
//go:noinline
func Many(n int) (*aid.Cell, []int, fmt.Stringer, map[int]*aid.Cell, error, string, *aid.Cell, []*aid.Cell) {
	numbers := []int{n, n + 1, n + 2}
	name := aid.Name{Cell: aid.New(n + 1)}
	cells := map[int]*aid.Cell{n: aid.New(n + 2)}
	fault := &aid.Fault{Cell: aid.New(n + 3)}
	return aid.New(n), numbers, name, cells, fault, strconv.Itoa(n), aid.New(n + 4), []*aid.Cell{aid.New(n + 5)}
}

// Wide makes more cells than there are registers.
//
//go:noinline
func Wide(n int) (a, b, c, d, e, f, g, h, i, j, k, l *aid.Cell) {
	a, b, c, d = aid.New(n), aid.New(n+1), aid.New(n+2), aid.New(n+3)
	e, f, g, h = aid.New(n+4), aid.New(n+5), aid.New(n+6), aid.New(n+7)
	i, j, k, l = aid.New(n+8), aid.New(n+9), aid.New(n+10), aid.New(n+11)
	return
}

// Struct takes and makes what has no room in registers.
//
//go:noinline
func Struct(block aid.Block, n int) (aid.Block, *aid.Cell) {
	for i := range block.Cells {
		block.Numbers[i] += n
		block.Cells[i] = aid.New(n + i)
	}
	block.Text += strconv.Itoa(n)
	return block, aid.New(n)
}

// Large has a frame of more than 128 bytes.
//
//go:noinline
func Large(n int) (int, *aid.Cell) {
	var room [50]int
	aid.Fill(room[:], n)
	return aid.Add(room[:]), aid.New(n)
}

// Huge has a frame of more than 4 KiB.
//
//go:noinline
func Huge(n int) (int, *aid.Cell) {
	var room [700]int
	aid.Fill(room[:], n)
	return aid.Add(room[:]), aid.New(n)
}

// Several returns in several places.
//
//go:noinline
func Several(n int) (int, string, error) {
	switch n % 7 {
	case 0:
		return n, "zero", nil
	case 1:
		if mixed := aid.Mix(n); mixed%2 == 0 {
			return mixed, strconv.Itoa(n), nil
		}
		return -n, "", aid.ErrOdd
	case 2:
		aid.Touch(n)
		return 2 * n, "two", aid.ErrOdd
	case 3:
		for i := 0; i < n; i++ {
			if aid.Mix(i) > n {
				return i, "early", nil
			}
		}
	case 4, 5:
		return aid.Mix(n), strconv.Itoa(n), nil
	}
	return 0, "late", nil
}

// A Box has methods.
type Box struct {
	Cell *aid.Cell
	N    int
}

// Add is a pointer's method.
//
//go:noinline
func (b *Box) Add(n int) (int, *aid.Cell) {
	b.N += n
	return b.N, aid.New(b.N)
}

// Get is a value's method, which interfaces and pointers call through a wrapper.
//
//go:noinline
func (b Box) Get(n int) (*aid.Cell, int) {
	aid.Touch(n)
	return b.Cell, b.N + n
}

// Adder makes a closure, which makes cells.
//
//go:noinline
func Adder(n int) func(m int) *aid.Cell {
	own := aid.New(n)
	return func(m int) *aid.Cell { return aid.New(own.N + m) }
}

// Root is what a goroutine begins with: nothing is above its frame.
//
//go:noinline
func Root(n int, done func(*aid.Cell)) {
	tally.Root.Enter()
	done(aid.New(n))
	tally.Root.Return()
}

// Bare is likewise, and takes nothing.
//
//go:noinline
func Bare() {
	tally.Bare.Enter()
	aid.Touch(1)
	tally.Bare.Return()
}

// Finalized is called by finalizers.
//
//go:noinline
func Finalized(n int) (int, *aid.Cell) { return aid.Mix(n), aid.New(n) }

// Ticked is called by timers.
//
//go:noinline
func Ticked(n int) (string, *aid.Cell) { return strconv.Itoa(n), aid.New(n) }
