// Package tally counts the calls of the watched functions, and what went wrong. A call is counted where it is made, so that the
// function that is called has no more code than it needs.
package tally

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// A Counter counts the calls of one function.
type Counter struct {
	// Name is the function's in the package work.
	Name string

	entered, returned int64
	// Counters of different functions are on different cache lines.
	_ [104]byte
}

// The watched functions, by their names in the package work.
var (
	counters []*Counter

	Adder        = of("Adder")
	AdderFunc    = of("Adder.func1")
	Again        = of("Again")
	Bare         = of("Bare")
	BoxAdd       = of("(*Box).Add")
	BoxGet       = of("Box.Get")
	Cleanup      = of("Cleanup")
	Crash        = of("Crash")
	Deferred     = of("Deferred")
	DeferredFunc = of("Deferred.func1")
	Descend      = of("Descend")
	Fall         = of("Fall")
	Finalized    = of("Finalized")
	Float        = of("Float")
	Guard        = of("Guard")
	GuardFunc    = of("Guard.func1")
	Huge         = of("Huge")
	Large        = of("Large")
	Leaf         = of("Leaf")
	Looping      = of("Looping")
	Many         = of("Many")
	Nested       = of("Nested")
	NestedFunc   = of("Nested.func1")
	Nosplit      = of("Nosplit")
	Parked       = of("Parked")
	Plunge       = of("Plunge")
	Quit         = of("Quit")
	QuitFunc     = of("Quit.func1")
	Root         = of("Root")
	Scalar       = of("Scalar")
	Several      = of("Several")
	Small        = of("Small")
	Spin         = of("Spin")
	Struct       = of("Struct")
	Text         = of("Text")
	Ticked       = of("Ticked")
	Traced       = of("Traced")
	Wide         = of("Wide")

	Frames = frames()
)

// frames are the counters of work.Frames.
func frames() (all [48]*Counter) {
	for i := range all {
		all[i] = of(fmt.Sprintf("Frame%d", i+1))
	}
	return all
}

func of(name string) *Counter {
	counter := &Counter{Name: name}
	counters = append(counters, counter)
	return counter
}

// Of finds the counter of a function that another package watches, or makes it.
func Of(name string) *Counter {
	for _, counter := range counters {
		if counter.Name == name {
			return counter
		}
	}
	return of(name)
}

var entered int64

// Enter counts a call that is about to be made.
func (c *Counter) Enter() {
	atomic.AddInt64(&c.entered, 1)
	atomic.AddInt64(&entered, 1)
}

// Return counts a call that has come back. Those that a panic or runtime.Goexit leaves never do.
func (c *Counter) Return() { atomic.AddInt64(&c.returned, 1) }

// Entered is how many calls were made of all functions.
func Entered() int64 { return atomic.LoadInt64(&entered) }

// A Pace bounds how many calls are made in a second.
type Pace struct {
	begin time.Time
	rate  float64
}

// NewPace begins now.
func NewPace(rate float64) *Pace { return &Pace{time.Now(), rate} }

// Keep waits while more calls were made than there should be by now.
func (p *Pace) Keep() {
	for float64(Entered()) > p.rate*time.Since(p.begin).Seconds() {
		time.Sleep(300 * time.Microsecond)
	}
}

// maxTold is how many mistakes are told; the first ones say enough.
const maxTold = 20

var wrong struct {
	sync.Mutex
	count int
	told  []string
}

// Wrong counts a mistake.
func Wrong(format string, args ...interface{}) {
	wrong.Lock()
	defer wrong.Unlock()
	wrong.count++
	if len(wrong.told) < maxTold {
		wrong.told = append(wrong.told, fmt.Sprintf(format, args...))
	}
}

// Write writes the account of all calls, and gives the mistakes. No call may be open.
func Write(w io.Writer) (int, []string) {
	for _, c := range counters {
		fmt.Fprintf(w, "%s entered %d returned %d\n", c.Name, atomic.LoadInt64(&c.entered), atomic.LoadInt64(&c.returned))
	}
	wrong.Lock()
	defer wrong.Unlock()
	return wrong.count, wrong.told
}
