// Package journal lets goroutines write down the calls that they make: which function, by which goroutine, under which
// call, with which arguments and results, how each ended, and in which order. A program that does so is its own
// witness: whoever watches it must see the same.
//
// Each goroutine writes a journal of its own, without locks. Order between goroutines is told by one counter, which each
// event takes a number from inside the call: what happened before an event of a smaller number happened before what
// comes after an event of a larger one.
package journal

import (
	"fmt"
	"runtime"
	"sync/atomic"

	"goproctor.test/base/goroutine"
)

// None is the number of no call, no run and no request.
const None = -1

// A Function is an index into the signatures of a program's functions.
type Function uint8

// A Signature says which of a call's values are a function's arguments and results, a letter for each.
type Signature struct {
	Name      string // as Go's symbols name it
	Arguments string // r: the run; a, b: the numbers; s: the text; those of a receiver first
	Results   string // x: the number; y: the text
}

// An outcome is how a call ended, as its letter in the log.
type outcome byte

const (
	open      outcome = '?'
	returned  outcome = 'r'
	panicked  outcome = 'p'
	recovered outcome = 'c'
	exited    outcome = 'g'
)

// A call is one that was made.
type call struct {
	function   Function
	outcome    outcome
	recovering bool // a function that it deferred has recovered a panic
	returning  bool // it has come to its return, and runs what it deferred
	parent     int32
	begin, end uint64
	a, b       int
	text       string
	x          int
	y          string
}

// A Journal holds the calls of one run: what a goroutine does from a beginning to an end of its own.
type Journal struct {
	// Body is what the run does within its first call.
	Body func()
	// Bodies is what the runs do that this one starts.
	Bodies map[int]func()
	// Ended is called when the run has ended, if it is set. The runs that it creates have it from it.
	Ended func()

	run, request  int
	goid, creator uint64
	creatorRun    int
	creatorCall   int
	before, after uint64
	start         string
	calls         []call
	open          []int32 // the calls that have a frame, outermost first
	panics        []int   // how many those were at each panic that still goes on
	exit          int     // how many those were at Goexit; None before
}

// sequence is the last number that an event got.
var sequence uint64

func next() uint64 { return atomic.AddUint64(&sequence, 1) }

// runs holds the journals by run.
var runs []*Journal

// Reserve makes room for so many runs. It comes before everything else.
func Reserve(count int) { runs = make([]*Journal, count) }

// Of gives the journal of a run.
func Of(run int) *Journal { return runs[run] }

// Root begins a run of the calling goroutine, which another one that has no journal created.
func Root(run, request int, creator uint64) *Journal {
	j := begin(run, request)
	j.creator = creator
	j.Here()
	return j
}

// Child begins a run of the goroutine that the calling one is about to create.
func (j *Journal) Child(run int) *Journal {
	child := begin(run, j.request)
	child.Ended = j.Ended
	child.creator, child.creatorRun, child.creatorCall = j.goid, j.run, j.innermost()
	return child
}

// Timer begins a run of the goroutine that the runtime will create when a timer has gone off; no request owns it.
func (j *Journal) Timer(run int) *Journal {
	timer := begin(run, None)
	timer.Ended = j.Ended
	return timer
}

func begin(run, request int) *Journal {
	j := &Journal{run: run, request: request, creatorRun: None, creatorCall: None, exit: None, before: next()}
	runs[run] = j
	return j
}

// Here says that the calling goroutine is the one whose journal this is.
func (j *Journal) Here() {
	j.goid, j.start = goroutine.ID(), start()
}

// Run is the run's number.
func (j *Journal) Run() int { return j.run }

// Len is the number of calls.
func (j *Journal) Len() int { return len(j.calls) }

func (j *Journal) innermost() int {
	if len(j.open) == 0 {
		return None
	}
	return int(j.open[len(j.open)-1])
}

// Enter writes down that a call has begun, and returns its number. It is the first that the function does.
func (j *Journal) Enter(function Function, a, b int, text string) int {
	number := len(j.calls)
	j.calls = append(j.calls, call{
		function: function, outcome: open, parent: int32(j.innermost()),
		a: a, b: b, text: text, begin: next(),
	})
	j.open = append(j.open, int32(number))
	return number
}

// Leave writes down that the innermost call is about to return. It is the last that the function does.
func (j *Journal) Leave(number, x int, y string) {
	j.end(number, returned, x, y)
	j.calls[number].end = next()
}

// Returning says that a call has come to its return, with only deferred calls before it.
func (j *Journal) Returning(number int) { j.calls[number].returning = true }

// Close is the first that a function defers, so that it is the last that is run: it writes down that the call is
// about to return, if it is, by itself or because a panic was recovered for it.
func (j *Journal) Close(number int, x *int, y *string) {
	made := &j.calls[number]
	switch depth := j.depth(number); {
	case j.exit > depth:
	case made.recovering:
		j.end(number, recovered, *x, *y)
		made.end = next()
	case made.returning && !j.past(depth):
		j.end(number, returned, *x, *y)
		made.end = next()
	}
}

// past says whether a panic goes past what is open at a depth.
func (j *Journal) past(depth int) bool {
	for _, at := range j.panics {
		if at > depth {
			return true
		}
	}
	return false
}

// depth is how many calls are open around one.
func (j *Journal) depth(number int) int {
	for depth := len(j.open) - 1; depth >= 0; depth-- {
		if int(j.open[depth]) == number {
			return depth
		}
	}
	panic(fmt.Sprintf("journal %d: call %d is not open", j.run, number))
}

// Panics says that the goroutine is about to panic.
func (j *Journal) Panics() { j.panics = append(j.panics, len(j.open)) }

// Exits says that the goroutine is about to call runtime.Goexit.
func (j *Journal) Exits() {
	if j.exit == None {
		j.exit = len(j.open)
	}
}

// LeaveRecovering is Leave for a call that has recovered a panic and was deferred by the call `by`: what is open within
// that one was left by the panic.
func (j *Journal) LeaveRecovering(number, by, x int, y string) {
	j.Leave(number, x, y)
	depth := j.depth(by)
	kept := depth + 1
	if j.exit > kept {
		// The frames below Goexit's stay, and it goes on.
		kept = j.exit
	} else if j.exit == None || j.exit <= depth {
		j.calls[by].recovering = true
	}
	j.abandon(kept, panicked)
	for len(j.panics) > 0 && j.panics[len(j.panics)-1] > depth {
		j.panics = j.panics[:len(j.panics)-1]
	}
}

// Finish ends the run. It is the first that the goroutine defers.
func (j *Journal) Finish() {
	switch {
	case j.exit != None:
		j.abandon(0, exited)
	case len(j.panics) > 0:
		j.abandon(0, panicked)
	case len(j.open) > 0:
		panic(fmt.Sprintf("journal %d: %d calls are open at its end", j.run, len(j.open)))
	}
	j.after = next()
	if j.Ended != nil {
		j.Ended()
	}
}

// abandon ends all calls but the outermost so many.
func (j *Journal) abandon(kept int, how outcome) {
	for len(j.open) > kept {
		number := j.innermost()
		j.end(number, how, 0, "")
		j.calls[number].end = next()
	}
}

func (j *Journal) end(number int, how outcome, x int, y string) {
	if j.innermost() != number {
		panic(fmt.Sprintf("journal %d: call %d ends within call %d", j.run, number, j.innermost()))
	}
	j.open = j.open[:len(j.open)-1]
	made := &j.calls[number]
	made.outcome, made.x, made.y = how, x, y
}

// start names the function that the calling goroutine began with.
func start() string {
	counters := make([]uintptr, 64)
	frames := runtime.CallersFrames(counters[:runtime.Callers(1, counters)])
	name := ""
	for {
		frame, more := frames.Next()
		if frame.Function != "" && frame.Function != "runtime.goexit" {
			name = frame.Function
		}
		if !more {
			return name
		}
	}
}
