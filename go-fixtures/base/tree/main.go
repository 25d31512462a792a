// Tree makes calls in ways that one request does not show, one a mode, and writes down every call and what is true of it:
//
//	growth  stacks that grow to megabytes and shrink while calls are open
//	steep   stacks that grow at nearly every call, on goroutines that live no longer
//	tree    goroutines that create goroutines, ten deep
//	pool    jobs that go through channels to a pool of workers
//	panics  panics through a hundred frames, panics within panics, and runtime.Goexit within what is deferred
//	exit    os.Exit while fifty goroutines are in calls
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"sync"
	"time"

	"goproctor.test/base/goroutine"
	"goproctor.test/base/journal"
	"goproctor.test/base/storm/work"
)

var (
	mode    = flag.String("mode", "", "growth, steep, tree, pool, panics or exit")
	logFile = flag.String("log", "tree.log", "the `file` to write the calls to")
)

// The goroutine of main, and how many goroutines there are beside those that make calls.
var mainGoid, others = goroutine.ID(), runtime.NumGoroutine()

func main() {
	flag.Parse()
	modes := map[string]func(){"growth": growth, "steep": steep, "tree": tree, "pool": pool, "panics": panics, "exit": exit}
	run, known := modes[*mode]
	if !known {
		log.Fatalf("-mode is %q", *mode)
	}
	journal.Reserve(4096)
	run()
	// Whoever has said that it ends may not have ended yet.
	for runtime.NumGoroutine() > others {
		time.Sleep(time.Millisecond)
	}
	write()
}

func write() {
	calls, err := journal.Write(*logFile, work.Functions)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(calls)
}

// start runs body within a call, on a goroutine of its own.
func start(run int, done *sync.WaitGroup, body func(j *journal.Journal)) {
	done.Add(1)
	go func() {
		j := journal.Root(run, journal.None, mainGoid)
		j.Ended = done.Done
		defer j.Finish()
		j.Body = func() { body(j) }
		work.Handle(run, run, "start")
	}()
}

func growth() {
	var done sync.WaitGroup
	for run := 0; run < 6; run++ {
		start(run, &done, func(j *journal.Journal) {
			work.Descend(j.Run(), 400, 1500, "down")
			work.Ping(j.Run(), 0, 3000, "there-and-back")
			runtime.GC()
			work.Descend(j.Run(), 0, 200, "again")
			work.Guard(j.Run(), 0, 500, "and-out")
		})
	}
	done.Wait()
}

func steep() {
	const goroutines, together = 1200, 4
	var done, climbing sync.WaitGroup
	for run := 0; run < goroutines; run++ {
		if run%together == 0 {
			climbing.Wait()
		}
		climbing.Add(1)
		start(run, &done, func(j *journal.Journal) {
			defer climbing.Done()
			work.Rise(j.Run(), j.Run())
		})
		if run%50 == 0 {
			// The stack that a goroutine begins with is as large as those were that the last collection met.
			runtime.GC()
		}
	}
	done.Wait()
}

// depth is how many generations the goroutines of a tree have; each of them creates two.
const depth = 10

func tree() {
	var done sync.WaitGroup
	done.Add(1<<depth - 2)
	start(0, &done, func(j *journal.Journal) {
		grow(j, &done)
	})
	done.Wait()
}

func grow(j *journal.Journal, done *sync.WaitGroup) {
	run := j.Run()
	work.Step(run, 1, 2, "before")
	if left := 2*run + 1; left < 1<<depth-1 {
		child := func(run int) func() { return func() { grow(journal.Of(run), done) } }
		right := left + 1
		j.Bodies = map[int]func(){left: child(left), right: child(right)}
		work.Spawn(run, left)
		work.Guard(run, 0, 3, "between")
		work.Spawn(run, right)
	}
	work.Step(run, 3, 4, "after")
	if run%7 == 3 {
		work.Quit(run, 0, 5, "gone")
	}
}

func pool() {
	const workers, givers, jobs = 8, 4, 200
	var done, given, working sync.WaitGroup
	queue := make(chan int, 16)
	answers := make(chan int)
	given.Add(givers)
	for run := 0; run < workers; run++ {
		start(run, &working, func(j *journal.Journal) {
			for job := range queue {
				answers <- work.Pass(j.Run(), job, "job")
			}
		})
	}
	for run := workers; run < workers+givers; run++ {
		start(run, &done, func(j *journal.Journal) {
			defer given.Done()
			for job := 0; job < jobs; {
				work.Tick(j.Run())
				select {
				case queue <- job:
					job++
				case answer := <-answers:
					work.Echo(j.Run(), answer, "answer")
				}
			}
		})
	}
	start(workers+givers, &done, func(j *journal.Journal) {
		for answer := range answers {
			work.Echo(j.Run(), answer, "answer")
		}
	})
	given.Wait()
	close(queue)
	working.Wait()
	close(answers)
	done.Wait()
}

func panics() {
	var done sync.WaitGroup
	for run := 0; run < 50; run++ {
		start(run, &done, func(j *journal.Journal) {
			run := j.Run()
			for a := 0; a < 4; a++ {
				work.Guard(run, a, 100, "deep")
				work.Deferring(run, a, 11, "between")
				work.Loop(run, a, 10, "round")
			}
			if run%2 == 0 {
				work.Tangle(run, run, 1+run%5, "knot")
			} else {
				work.Quit(run, run, 100, "gone")
			}
		})
	}
	done.Wait()
}

func exit() {
	var done, inside sync.WaitGroup
	stay := make(chan struct{})
	inside.Add(50)
	for run := 0; run < 50; run++ {
		start(run, &done, func(j *journal.Journal) {
			run := j.Run()
			work.Step(run, 1, 2, "before")
			work.Guard(run, run, 5, "out-and-in-again")
			within(j, 1+run%4, func() {
				inside.Done()
				for run%10 == 0 {
					// A loop without a call.
				}
				<-stay
			})
		})
	}
	start(50, &done, func(j *journal.Journal) {
		inside.Wait()
		work.Tick(j.Run())
		within(j, 3, func() {
			write()
			os.Exit(0)
		})
	})
	done.Wait()
}

// within calls body within so many more calls.
func within(j *journal.Journal, calls int, body func()) {
	j.Body = body
	if calls > 0 {
		j.Body = func() { within(j, calls-1, body) }
	}
	work.Handle(j.Run(), calls, "within")
}
