// Package disturb does to a program all that makes the runtime look at stacks, and stop threads wherever they are.
package disturb

import (
	"bytes"
	"fmt"
	"io"
	"io/ioutil"
	"math/rand"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"runtime/trace"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"goproctor.test/base/torture/look"
	"goproctor.test/base/torture/tally"
)

// A Storm disturbs until it is over.
type Storm struct {
	over int32
	done sync.WaitGroup

	collections, stops, signals, profiles, traces int64
}

// All disturbs in all ways, with so many signals a second; without traces of the execution if they are not wanted.
func All(signals int, traces bool) *Storm {
	debug.SetGCPercent(1)
	runtime.SetBlockProfileRate(1)
	runtime.SetMutexProfileFraction(1)
	s := new(Storm)
	for _, disturb := range []func(){s.collect, s.free, s.stop, s.profile, s.stacks, s.goroutines} {
		s.begin(disturb)
	}
	s.begin(func() { s.signal(signals) })
	if traces {
		s.begin(s.trace)
	}
	return s
}

func (s *Storm) begin(disturb func()) {
	s.done.Add(1)
	go func() {
		defer s.done.Done()
		disturb()
	}()
}

// End waits until nothing disturbs any more.
func (s *Storm) End() {
	atomic.StoreInt32(&s.over, 1)
	s.done.Wait()
	debug.SetGCPercent(100)
	runtime.SetBlockProfileRate(0)
	runtime.SetMutexProfileFraction(0)
}

// goes waits, and says whether to go on.
func (s *Storm) goes(wait time.Duration) bool {
	time.Sleep(wait)
	return atomic.LoadInt32(&s.over) == 0
}

// collect collects memory, and shrinks stacks.
func (s *Storm) collect() {
	for s.goes(500 * time.Microsecond) {
		runtime.GC()
		atomic.AddInt64(&s.collections, 1)
	}
}

// free gives memory back.
func (s *Storm) free() {
	for s.goes(200 * time.Millisecond) {
		debug.FreeOSMemory()
	}
}

// stop stops the world as often as it can.
func (s *Storm) stop() {
	var stats runtime.MemStats
	for s.goes(50 * time.Microsecond) {
		runtime.ReadMemStats(&stats)
		atomic.AddInt64(&s.stops, 1)
	}
}

// signal sends the signal that the runtime preempts with to all threads in turn.
func (s *Storm) signal(rate int) {
	const each = 100 * time.Microsecond
	process := os.Getpid()
	begin, sent := time.Now(), 0
	for s.goes(each) {
		entries, err := ioutil.ReadDir("/proc/self/task")
		if err != nil {
			tally.Wrong("the threads: %v", err)
			return
		}
		for due := int(time.Since(begin).Seconds() * float64(rate)); sent < due; {
			for _, entry := range entries {
				thread, err := strconv.Atoi(entry.Name())
				if err != nil {
					tally.Wrong("the threads: %v", err)
					return
				}
				// It may have ended.
				if syscall.Tgkill(process, thread, syscall.SIGURG) == nil {
					atomic.AddInt64(&s.signals, 1)
				}
				sent++
			}
		}
	}
}

// profile takes profiles of the processor, each at the highest rate that there is.
func (s *Storm) profile() {
	// The runtime says that the rate can't be set twice, and keeps this one.
	const rate = 4000
	for s.goes(20 * time.Millisecond) {
		var buffer bytes.Buffer
		runtime.SetCPUProfileRate(rate)
		if err := pprof.StartCPUProfile(&buffer); err != nil {
			tally.Wrong("the profile: %v", err)
			return
		}
		time.Sleep(150 * time.Millisecond)
		pprof.StopCPUProfile()
		look.Processor(buffer.Bytes())
		atomic.AddInt64(&s.profiles, 1)
	}
}

// trace takes traces of the execution, for which the runtime walks stacks by frame pointers from Go 1.21 on.
func (s *Storm) trace() {
	for s.goes(300 * time.Millisecond) {
		if err := trace.Start(ioutil.Discard); err != nil {
			tally.Wrong("the trace: %v", err)
			return
		}
		time.Sleep(30 * time.Millisecond)
		trace.Stop()
		atomic.AddInt64(&s.traces, 1)
	}
}

// stacks looks at all stacks.
func (s *Storm) stacks() {
	buffer := make([]byte, 1<<20)
	for s.goes(time.Duration(1+rand.Intn(4)) * time.Millisecond) {
		buffer = look.All(buffer)
	}
}

// goroutines looks at profiles of goroutines, of blocking and of contention.
func (s *Storm) goroutines() {
	for s.goes(40 * time.Millisecond) {
		look.Profile()
		for _, profile := range []string{"goroutine", "block", "mutex", "heap", "threadcreate"} {
			if err := pprof.Lookup(profile).WriteTo(ioutil.Discard, 0); err != nil {
				tally.Wrong("the profile %s: %v", profile, err)
			}
		}
	}
}

// Write says what was done, and what came of it.
func (s *Storm) Write(w io.Writer) {
	for _, line := range []struct {
		what  string
		count int64
	}{
		{"tracebacks", look.Taken()},
		{"elsewhere", look.Elsewhere()},
		{"profiles", s.profiles},
		{"samples", look.Samples()},
		{"strayed", look.Strayed()},
		{"traces", s.traces},
		{"signals", s.signals},
		{"collections", s.collections},
		{"stops", s.stops},
	} {
		fmt.Fprintln(w, line.what, line.count)
	}
}
