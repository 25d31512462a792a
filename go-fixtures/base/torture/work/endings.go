package work

import (
	"runtime"

	"goproctor.test/base/torture/aid"
	"goproctor.test/base/torture/tally"
)

// Cleanup is deferred.
//
//go:noinline
func Cleanup(n int) {
	tally.Cleanup.Enter()
	aid.Touch(n)
	tally.Cleanup.Return()
}

// Deferred defers calls that the compiler writes into its end, and one that changes its results.
//
//go:noinline
func Deferred(n int) (sum int, cell *aid.Cell) {
	defer Cleanup(n)
	defer func() {
		tally.DeferredFunc.Enter()
		sum++
		cell = aid.New(n + 1)
		tally.DeferredFunc.Return()
	}()
	if n%3 == 0 {
		defer Cleanup(n + 1)
	}
	if n%5 == 0 {
		return aid.Mix(n), nil
	}
	return n, aid.New(n)
}

// Looping defers calls in a loop.
//
//go:noinline
func Looping(n int) (sum int, cell *aid.Cell) {
	for i := 0; i < n%5; i++ {
		defer Cleanup(i)
		sum += i
	}
	return sum, aid.New(n)
}

// Fall calls itself, and panics at the bottom.
//
//go:noinline
func Fall(depth, n int) *aid.Cell {
	var room [20]int
	aid.Fill(room[:], n)
	if depth%3 == 1 {
		defer Cleanup(n)
	}
	if depth > 1 {
		tally.Fall.Enter()
		cell := Fall(depth-1, n)
		tally.Fall.Return()
		return cell
	}
	aid.Fail(n)
	return aid.New(aid.Add(room[:]))
}

// Guard recovers what panics below it, with other results.
//
//go:noinline
func Guard(depth, n int) (number int, cell *aid.Cell, err error) {
	number, cell = n, aid.New(n)
	defer func() {
		tally.GuardFunc.Enter()
		defer tally.GuardFunc.Return()
		if fallen := recover(); fallen != nil {
			number, cell, err = -n, aid.New(n+1), fallen.(error)
		}
	}()
	defer Cleanup(n)
	if depth > 0 {
		tally.Fall.Enter()
		Fall(depth, n)
		tally.Fall.Return()
	}
	return number + 1, cell, nil
}

// Again is deferred, recovers or does not, calls what panics and recovers, and panics itself.
//
//go:noinline
func Again(n int) {
	tally.Again.Enter()
	if n%2 == 0 {
		recover()
	}
	tally.Guard.Enter()
	_, cell, _ := Guard(n%4, n)
	tally.Guard.Return()
	if n%4 == 0 {
		cell.Check(n, "Guard in Again")
	} else {
		cell.Check(n+1, "Guard in Again")
	}
	panic(aid.ErrOdd)
}

// Nested recovers a panic of a function that is deferred while another one panics.
//
//go:noinline
func Nested(depth, n int) (number int, cell *aid.Cell) {
	defer func() {
		tally.NestedFunc.Enter()
		defer tally.NestedFunc.Return()
		if recover() == error(aid.ErrOdd) {
			number, cell = n, aid.New(n)
		}
	}()
	defer Again(n)
	tally.Fall.Enter()
	Fall(depth, n)
	tally.Fall.Return()
	return 0, nil
}

// Quit calls itself, and ends its goroutine at the bottom. What is deferred on the way makes calls, which may panic and recover.
//
//go:noinline
func Quit(depth, n int) *aid.Cell {
	defer Cleanup(n)
	defer func() {
		tally.QuitFunc.Enter()
		tally.Scalar.Enter()
		Scalar(n, depth)
		tally.Scalar.Return()
		if depth == 2 {
			tally.Guard.Enter()
			Guard(2, n)
			tally.Guard.Return()
		}
		tally.QuitFunc.Return()
	}()
	if depth > 1 {
		tally.Quit.Enter()
		cell := Quit(depth-1, n)
		tally.Quit.Return()
		return cell
	}
	runtime.Goexit()
	return aid.New(n)
}
