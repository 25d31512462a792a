// Torture does what the program of that name in base does, and has C call Go: on threads of Go, with C and Go in turns on one stack,
// and on threads that C starts.
//
// It is to run with -traces=false. While a panic passes frames of C, runtime.unwindm has already forgotten them, and the execution
// tracer of Go 1.21 and later follows frame pointers through them: Go 1.27.3 crashes in fpTracebackPCs, whether or not it is watched.
package main

// #cgo LDFLAGS: -lpthread
// #include <stdint.h>
// int64_t there(int64_t depth, int64_t n);
// void fall(int64_t n);
// int64_t elsewhere(int64_t n);
import "C"

import (
	"flag"

	"goproctor.test/base/torture/aid"
	"goproctor.test/base/torture/drive"
	"goproctor.test/base/torture/look"
	"goproctor.test/base/torture/tally"
	"goproctor.test/base/torture/work"
)

func main() {
	flag.Parse()
	// No goroutine has created the one of a thread that C started; releases differ in whether they show what C calls.
	look.Begins = append(look.Begins, "main.calledApart(", "main._cgoexpwrap_")
	drive.All(back, back, falls, apart)
}

// The functions that C calls.
var (
	calledBackCalls    = tally.Of("main.calledBack")
	calledFallingCalls = tally.Of("main.calledFalling")
	calledApartCalls   = tally.Of("main.calledApart")
)

// calledBack calls watched functions, and C again.
//
//export calledBack
//go:noinline
func calledBack(depth, n C.int64_t) C.int64_t {
	calledBackCalls.Enter()
	tally.Descend.Enter()
	frames, cell := work.Descend(int(depth), int(depth), int(n), func(frames int) { look.Callers("Descend", frames) })
	tally.Descend.Return()
	cell.Check(int(n), "Descend below C")
	sum := C.int64_t(frames)
	if depth > 1 {
		sum += C.there(depth-1, n+1)
	}
	calledBackCalls.Return()
	return sum
}

// calledFalling panics; what recovers is beyond the frames of C.
//
//export calledFalling
//go:noinline
func calledFalling(n C.int64_t) {
	calledFallingCalls.Enter()
	tally.Fall.Enter()
	work.Fall(3, int(n))
	tally.Fall.Return()
	calledFallingCalls.Return()
}

// calledApart is called on a thread that is not the runtime's.
//
//export calledApart
//go:noinline
func calledApart(n C.int64_t) C.int64_t {
	calledApartCalls.Enter()
	tally.Scalar.Enter()
	got := work.Scalar(int(n), 1)
	tally.Scalar.Return()
	tally.Plunge.Enter()
	_, cell := work.Plunge(3, 3, int(n), func(frames int) { look.Callers("Plunge", frames) })
	tally.Plunge.Return()
	cell.Check(int(n), "Plunge on a thread of C")
	calledApartCalls.Return()
	return C.int64_t(got)
}

func back(w *drive.Worker) {
	depth, n := 1+w.Below(4), w.Number()
	drive.Is("calledBack", int(C.there(C.int64_t(depth), C.int64_t(n))), depth*(depth+1)/2)
}

func falls(w *drive.Worker) {
	n := w.Number()
	defer func() { drive.Is("calledFalling", recover() != nil, true) }()
	C.fall(C.int64_t(n))
}

func apart(w *drive.Worker) {
	n := w.Number()
	drive.Is("calledApart", int(C.elsewhere(C.int64_t(n))), aid.Mix(n)^aid.Mix(1))
}
