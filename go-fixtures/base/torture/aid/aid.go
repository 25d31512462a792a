// Package aid has what the watched functions work with. Nothing in it is watched.
package aid

import (
	"errors"
	"strconv"

	"goproctor.test/base/torture/tally"
)

// ErrFallen is what functions panic with.
var ErrFallen = errors.New("fallen")

// ErrOdd is what functions return.
var ErrOdd = errors.New("odd")

const mark = 0x5afe5afe5afe5afe

// A Cell is memory that knows what it should hold: one that was freed too early, or overwritten, is noticed.
type Cell struct {
	Head uint64
	N    int
	Next *Cell
	Text string
	Tail uint64
}

// New makes a cell of a number, and one behind it.
//
//go:noinline
func New(n int) *Cell {
	next := &Cell{mark ^ uint64(n+1), n + 1, nil, "", ^uint64(n + 1)}
	return &Cell{mark ^ uint64(n), n, next, strconv.Itoa(n), ^uint64(n)}
}

// Check says whether the cell is one of that number.
func (c *Cell) Check(n int, of string) {
	switch {
	case c == nil:
		tally.Wrong("%s(%d): no cell", of, n)
	case c.Head != mark^uint64(n) || c.N != n || c.Tail != ^uint64(n) || c.Text != strconv.Itoa(n):
		tally.Wrong("%s(%d): the cell is %#x", of, n, [...]uint64{c.Head, uint64(c.N), c.Tail})
	case c.Next == nil || c.Next.Head != mark^uint64(n+1) || c.Next.N != n+1 || c.Next.Tail != ^uint64(n+1):
		tally.Wrong("%s(%d): the cell behind it is %#x", of, n, c.Next)
	}
}

// Text is a number as text.
func Text(n int) string { return strconv.Itoa(n) }

// Mix makes a number another one.
//
//go:noinline
func Mix(n int) int { return n*31 + 7 }

// Half makes a number another one.
//
//go:noinline
func Half(n float64) float64 { return n / 2 }

var touched [64]int8

// Touch does nearly nothing.
//
//go:noinline
func Touch(n int) { _ = touched[n&63] }

// Fill writes to all of a room on the caller's stack.
//
//go:noinline
func Fill(room []int, n int) {
	for i := range room {
		room[i] = n + i
	}
}

// Sum is the sum of a room that was filled, as it should be.
func Sum(length, n int) int { return length*n + length*(length-1)/2 }

// Add sums what is in a room.
//
//go:noinline
func Add(room []int) (sum int) {
	for _, n := range room {
		sum += n
	}
	return sum
}

// Fail panics in one of several ways.
//
//go:noinline
func Fail(n int) {
	var nothing *Cell
	switch n % 4 {
	case 0:
		panic(ErrFallen)
	case 1:
		nothing.N = n
	case 2:
		Touch(make([]int, n%3)[n])
	default:
		Touch(n / (n % 1))
	}
}

// A Name is a text that is made of a cell.
type Name struct{ Cell *Cell }

func (n Name) String() string { return n.Cell.Text }

// A Fault is an error that holds a cell.
type Fault struct{ Cell *Cell }

func (f *Fault) Error() string { return f.Cell.Text }

// A Block is too large for registers.
type Block struct {
	Numbers [6]int
	Cells   [6]*Cell
	Text    string
}

// Blocks makes a block of cells of a number and those behind it.
//
//go:noinline
func Blocks(n int) (block Block) {
	for i := range block.Cells {
		block.Numbers[i] = n + i
		block.Cells[i] = New(n + i)
	}
	block.Text = strconv.Itoa(n)
	return block
}
