package work

import (
	"errors"
	"runtime"

	"goproctor.test/base/journal"
)

var errFallen = errors.New("fallen")

// Guard calls what panics after b calls, and recovers. Where a is odd, what it deferred panics anew first; where b is 0,
// there is no panic at all.
func Guard(run, a, b int, text string) (number int, back string) {
	j := journal.Of(run)
	call := j.Enter(guard, a, b, text)
	defer j.Close(call, &number, &back)
	number, back = a, "before"
	defer Cleanup(run, a, -1)
	defer Rescue(run, a, call)
	if a%2 == 1 && b > 0 {
		defer Repanic(run, a, call)
	}
	if b > 0 {
		number += Fall(run, a, b, text)
	}
	j.Returning(call)
	return number + 1, text
}

// Fall calls itself b times, then panics. Every fifth call defers a call.
func Fall(run, a, b int, text string) int {
	j := journal.Of(run)
	j.Enter(fall, a, b, text)
	if b%5 == 2 {
		defer Cleanup(run, a, b)
	}
	if b <= 1 {
		Tick(run)
		j.Panics()
		panic(errFallen)
	}
	return Fall(run, a, b-1, text) + 1
}

// Rescue is deferred, recovers a panic if there is one, and makes a call after that. Its last argument is the number of
// the call that deferred it.
func Rescue(run, a, by int) {
	j := journal.Of(run)
	call := j.Enter(rescue, a, by, "")
	Tick(run)
	if recover() == nil {
		j.Leave(call, 0, "")
		return
	}
	Echo(run, a, "rescued")
	j.LeaveRecovering(call, by, 0, "")
}

// Repanic is deferred, recovers a panic and panics itself.
func Repanic(run, a, by int) {
	j := journal.Of(run)
	j.Enter(repanic, a, by, "")
	if a%4 == 1 {
		recover()
	}
	Tick(run)
	j.Panics()
	panic(errFallen)
}

// Cleanup is deferred.
func Cleanup(run, a, b int) {
	j := journal.Of(run)
	call := j.Enter(cleanup, a, b, "")
	Tick(run)
	j.Leave(call, 0, "")
}

// Deferring defers calls that the compiler writes into the end of the function.
func Deferring(run, a, b int, text string) (number int, back string) {
	j := journal.Of(run)
	call := j.Enter(deferring, a, b, text)
	defer j.Close(call, &number, &back)
	defer Cleanup(run, a, 1)
	if b > 10 {
		defer Cleanup(run, a, 2)
	}
	defer Echo(run, b, text)
	Tick(run)
	j.Returning(call)
	return a + b, text
}

// Loop defers calls in a loop, so that they are on the heap.
func Loop(run, a, b int, text string) (number int, back string) {
	j := journal.Of(run)
	call := j.Enter(loop, a, b, text)
	defer j.Close(call, &number, &back)
	for i := 0; i < b; i++ {
		defer Cleanup(run, a, i)
	}
	number, back = b, text
	j.Returning(call)
	return
}

// Quit calls itself b times, then ends its goroutine. What is deferred on the way runs, and so does what recovers nothing.
func Quit(run, a, b int, text string) int {
	j := journal.Of(run)
	call := j.Enter(quit, a, b, text)
	if b%3 == 1 {
		defer Cleanup(run, a, b)
	}
	if b%4 == 1 {
		defer Rescue(run, a, call)
	}
	if b > 1 {
		return Quit(run, a, b-1, text) + 1
	}
	j.Exits()
	runtime.Goexit()
	return 0
}

// Tangle ends its goroutine while calls that it deferred call what panics and recovers (Guard), panic themselves and are
// recovered: the goroutine ends all the same.
func Tangle(run, a, b int, text string) (number int, back string) {
	j := journal.Of(run)
	call := j.Enter(tangle, a, b, text)
	defer j.Close(call, &number, &back)
	defer Rescue(run, a, call)
	defer Repanic(run, a, call)
	defer Guard(run, a, 3, text)
	if b > 1 {
		return Tangle(run, a, b-1, text)
	}
	Quit(run, a, 3, text)
	return a, text
}
