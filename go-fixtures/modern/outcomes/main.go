// Outcomes makes calls of functions that range over functions, which end in every way a function can, and writes down how
// each of them did.
package main

import (
	"flag"
	"fmt"

	"goproctor.test/base/outcomes/journal"
	"goproctor.test/modern/outcomes/work"
)

var logFile = flag.String("log", "", "the `file` to write the account to")

type j = *journal.Journal

type guarding = func(id int, j j, n int, body func()) int

func throw(j j) func() { return func() { id := j.Enter("Throw"); j.Leave(id, work.Throw(id, j)) } }
func exit(j j) func()  { return func() { id := j.Enter("Exit"); j.Leave(id, work.Exit(id, j)) } }

func with(j j, name string, f guarding, n int, body func()) func() {
	return func() { id := j.Enter(name); j.Leave(id, f(id, j, n, body)) }
}

func resume(j j, body func()) func() {
	return func() { id := j.Enter("Resume"); j.Leave(id, work.Resume(id, j, body)) }
}

func fine() {}

func main() {
	flag.Parse()
	functions := []struct {
		name string
		f    guarding
	}{
		{"GuardBefore", work.GuardBefore},
		{"GuardWithin", work.GuardWithin},
		{"GuardAround", work.GuardAround},
		{"ReturnWithin", work.ReturnWithin},
	}
	for _, outer := range functions {
		for n := range 4 {
			name := fmt.Sprintf("%s over %d", outer.name, n)
			journal.Go(name+": nothing", func(j j) { with(j, outer.name, outer.f, n, fine)() })
			journal.Go(name+": a panic", func(j j) { j.Try(with(j, outer.name, outer.f, n, throw(j))) })
			journal.Go(name+": an exit", func(j j) { with(j, outer.name, outer.f, n, exit(j))() })
			for _, inner := range functions {
				journal.Go(name+", within "+inner.name, func(j j) {
					j.Try(with(j, outer.name, outer.f, n, with(j, inner.name, inner.f, n, throw(j))))
					j.Try(with(j, outer.name, outer.f, n, with(j, inner.name, inner.f, n, fine)))
				})
			}
		}
		journal.Go(outer.name+": a function that recovers", func(j j) {
			j.Try(with(j, outer.name, outer.f, 2, resume(j, throw(j))))
			j.Try(with(j, outer.name, outer.f, 2, resume(j, fine)))
		})
	}
	journal.Write(*logFile, journal.ProcessEnded)
	fmt.Println("done")
}
