package work

import (
	"goproctor.test/base/torture/aid"
	"goproctor.test/base/torture/tally"
)

// Descend calls itself, then bottom, which is told how many of its frames there are.
//
//go:noinline
func Descend(depth, frames, n int, bottom func(frames int)) (int, *aid.Cell) {
	var room [20]int
	aid.Fill(room[:], n)
	sum := 0
	if depth > 1 {
		tally.Descend.Enter()
		below, cell := Descend(depth-1, frames, n+1, bottom)
		tally.Descend.Return()
		cell.Check(n+1, "Descend")
		sum = below
	} else {
		bottom(frames)
	}
	return sum + aid.Add(room[:]) - aid.Sum(len(room), n) + 1, aid.New(n)
}

// Plunge does so in frames of 5 KiB.
//
//go:noinline
func Plunge(depth, frames, n int, bottom func(frames int)) (int, *aid.Cell) {
	var room [640]int
	aid.Fill(room[:], n)
	sum := 0
	if depth > 1 {
		tally.Plunge.Enter()
		below, cell := Plunge(depth-1, frames, n+1, bottom)
		tally.Plunge.Return()
		cell.Check(n+1, "Plunge")
		sum = below
	} else {
		bottom(frames)
	}
	return sum + aid.Add(room[:]) - aid.Sum(len(room), n) + 1, aid.New(n)
}

// Traced calls what looks at its stack.
//
//go:noinline
func Traced(n int, look func()) *aid.Cell {
	look()
	return aid.New(n)
}

// Parked waits for the end of the process.
//
//go:noinline
func Parked(depth int, parked func()) int {
	var room [20]int
	aid.Fill(room[:], depth)
	if depth > 1 {
		tally.Parked.Enter()
		return Parked(depth-1, parked) + aid.Add(room[:])
	}
	parked()
	select {}
}

// Crash panics at the bottom, and nobody recovers.
//
//go:noinline
func Crash(depth int) int {
	var room [20]int
	aid.Fill(room[:], depth)
	defer Cleanup(depth)
	if depth > 1 {
		tally.Crash.Enter()
		return Crash(depth-1) + aid.Add(room[:])
	}
	panic(aid.ErrFallen)
}
