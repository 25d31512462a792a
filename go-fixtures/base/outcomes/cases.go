package main

import (
	"runtime"
	"strings"
	"sync"

	"goproctor.test/base/outcomes/journal"
	"goproctor.test/base/outcomes/work"
)

type j = *journal.Journal

// A scene is a case that a goroutine of its own plays.
type scene struct {
	name string
	body func(j)
}

// Each of these notes a call, makes it, and notes that it came back.

func plain(j j) {
	id := j.Enter("Plain")
	j.Leave(id, work.Plain(id, j))
}

func throw(j j, way string) func() {
	return func() {
		id := j.Enter("Throw")
		j.Leave(id, work.Throw(id, j, way))
	}
}

func throwNil(j j) func() {
	return func() {
		id := j.Enter("Nil")
		j.Leave(id, work.Nil(id, j))
	}
}

func leaf(j j, pointer *int) func() {
	return func() {
		id := j.Enter("Leaf")
		j.Leave(id, work.Leaf(pointer, id))
	}
}

func exit(j j) func() {
	return func() {
		id := j.Enter("Exit")
		j.Leave(id, work.Exit(id, j))
	}
}

type guarding = func(id int, j j, body func()) int

// with is a call of a function that calls another.
func with(j j, name string, f guarding, body func()) func() {
	return func() {
		id := j.Enter(name)
		j.Leave(id, f(id, j, body))
	}
}

func guard(j j, body func()) func() { return with(j, "Guard", work.Guard, body) }
func call(j j, body func()) func()  { return with(j, "Call", work.Call, body) }

func climb(j j, n int, body func()) func() {
	return with(j, "Climb", func(id int, j *journal.Journal, body func()) int {
		return work.Climb(id, j, n, body)
	}, body)
}

func deep(j j, n int, body func()) func() {
	return with(j, "Deep", func(id int, j *journal.Journal, body func()) int {
		return work.Deep(id, j, n, body)
	}, body)
}

func clean(j j, body, last func()) func() {
	return with(j, "Clean", func(id int, j *journal.Journal, body func()) int {
		return work.Clean(id, j, body, last)
	}, body)
}

func cleanLoop(j j, n int, body, last func()) func() {
	return with(j, "CleanLoop", func(id int, j *journal.Journal, body func()) int {
		return work.CleanLoop(id, j, n, body, last)
	}, body)
}

func guardLoop(j j, n int, body func()) func() {
	return with(j, "GuardLoop", func(id int, j *journal.Journal, body func()) int {
		return work.GuardLoop(id, j, n, body)
	}, body)
}

func guardIf(j j, guarded bool, body func()) func() {
	return with(j, "GuardIf", func(id int, j *journal.Journal, body func()) int {
		return work.GuardIf(id, j, guarded, body)
	}, body)
}

func lateExit(j j, inside bool, body func()) func() {
	return with(j, "LateExit", func(id int, j *journal.Journal, body func()) int {
		return work.LateExit(id, j, inside, body)
	}, body)
}

func stairs(j j, n int, body func()) func() {
	return with(j, "Stairs", func(id int, j *journal.Journal, body func()) int {
		return work.Stairs(id, j, n, body)
	}, body)
}

func fine() {}

// guards are the functions that recover, each in its own way.
var guards = []struct {
	name string
	f    guarding
}{
	{"Guard", work.Guard},
	{"GuardUnnamed", work.GuardUnnamed},
	{"GuardMany", work.GuardMany},
	{"GuardNamed", work.GuardNamed},
	{"GuardMethod", work.GuardMethod},
	{"GuardInterface", work.GuardInterface},
	{"Twice", work.Twice},
	{"Last", work.Last},
}

// passing are the functions that a panic goes past, whatever they do about it.
var passing = []struct {
	name string
	f    guarding
}{
	{"Call", work.Call},
	{"Useless", work.Useless},
	{"Idle", work.Idle},
	{"Again", work.Again},
	{"Replace", work.Replace},
	{"Late", work.Late},
}

// cases lists all scenes.
func cases() []scene {
	scenes := []scene{
		{"a call returns", plain},
		{"nothing is recovered where nothing panics", func(j j) {
			for _, guard := range guards {
				if guard.name != "Last" {
					with(j, guard.name, guard.f, func() { plain(j) })()
				}
			}
		}},
		{"a panic of nil", func(j j) { with(j, "GuardNil", work.GuardNil, throwNil(j))(); plain(j) }},
		{"a leaf without a frame", func(j j) {
			n := 3
			guard(j, leaf(j, nil))()
			guard(j, leaf(j, &n))()
		}},
		{"a caller that is not watched recovers", func(j j) {
			j.Try(call(j, throw(j, "text")))
			plain(j)
			j.Try(throw(j, "index"))
			plain(j)
		}},
		{"the frame outside of one that is not watched returns", func(j j) {
			call(j, func() { j.Try(call(j, throw(j, "text"))); plain(j) })()
		}},
		{"a panic goes past many frames", func(j j) { guard(j, climb(j, 100, throw(j, "error")))(); plain(j) }},
		{"a panic at the bottom of a stack that grew", func(j j) {
			guard(j, deep(j, 600, throw(j, "error")))()
			runtime.GC()
			guard(j, deep(j, 20, throw(j, "error")))()
			runtime.GC()
			guard(j, deep(j, 600, fine))()
		}},
		{"a recovery at the bottom of a stack that grew", func(j j) {
			deep(j, 600, guard(j, throw(j, "error")))()
		}},
		{"functions that call each other", func(j j) {
			guard(j, with(j, "Even", func(id int, j *journal.Journal, body func()) int {
				return work.Even(id, j, 9, body)
			}, throw(j, "text")))()
		}},
		{"a recovery in the midst of a recursion", func(j j) {
			climb(j, 5, guard(j, climb(j, 5, guard(j, climb(j, 5, throw(j, "text"))))))()
		}},
		{"each guard of a recursion is another call", func(j j) {
			guard(j, guard(j, func() { guard(j, throw(j, "text"))(); throw(j, "error")() }))()
		}},
		{"the innermost of equal guards recovers", func(j j) { guard(j, guard(j, guard(j, throw(j, "text"))))() }},
		{"stairs", func(j j) {
			for n := 0; n < 14; n++ {
				n := n
				j.Try(stairs(j, n, fine))
				j.Try(stairs(j, n, throw(j, "text")))
			}
		}},
		{"a defer that was not reached", func(j j) {
			guard(j, guardIf(j, false, throw(j, "text")))()
			guard(j, guardIf(j, true, throw(j, "text")))()
			guardIf(j, false, fine)()
		}},
		{"defers in loops", func(j j) {
			for _, n := range []int{0, 1, 2, 9, 40} {
				j.Try(guardLoop(j, n, throw(j, "text")))
				guardLoop(j, n, fine)()
			}
		}},
		{"deferred functions make calls", func(j j) {
			clean(j, fine, func() { plain(j) })()
			guard(j, clean(j, throw(j, "text"), func() { plain(j) }))()
			guard(j, cleanLoop(j, 5, throw(j, "text"), func() { plain(j) }))()
			guard(j, cleanLoop(j, 5, throw(j, "text"), climb(j, 20, fine)))()
		}},
		{"a deferred function panics", func(j j) {
			guard(j, clean(j, fine, throw(j, "text")))()
			guard(j, clean(j, throw(j, "text"), throw(j, "error")))()
			guard(j, cleanLoop(j, 3, throw(j, "text"), throw(j, "error")))()
			guard(j, clean(j, throw(j, "text"), call(j, throw(j, "index"))))()
		}},
		{"a deferred function recovers what it panics with itself", func(j j) {
			clean(j, fine, guard(j, throw(j, "text")))()
			guard(j, clean(j, throw(j, "error"), guard(j, throw(j, "text"))))()
			guard(j, cleanLoop(j, 3, throw(j, "error"), guard(j, throw(j, "text"))))()
			j.Try(clean(j, throw(j, "error"), func() { j.Try(throw(j, "text")) }))
		}},
		{"a deferred function with a name recovers its own panic", func(j j) {
			guard(j, with(j, "Outer", work.Outer, throw(j, "text")))()
			with(j, "Outer", work.Outer, fine)()
			guard(j, with(j, "Outer", work.Outer, with(j, "Outer", work.Outer, throw(j, "text"))))()
		}},
		{"panics in panics in panics", func(j j) {
			guard(j, with(j, "Drop", func(id int, j *journal.Journal, body func()) int {
				return work.Drop(id, j, 12)
			}, nil))()
			plain(j)
			j.Try(func() {
				with(j, "Drop", func(id int, j *journal.Journal, body func()) int {
					return work.Drop(id, j, 60)
				}, nil)()
			})
			plain(j)
		}},
		{"recovered, panicked again, recovered", func(j j) {
			guard(j, with(j, "Again", work.Again, with(j, "Again", work.Again, throw(j, "text"))))()
			guard(j, func() { guard(j, throw(j, "text"))(); throw(j, "text")() })()
			with(j, "Twice", work.Twice, with(j, "Again", work.Again, throw(j, "text")))()
			with(j, "Twice", work.Twice, with(j, "Twice", work.Twice, throw(j, "text")))()
		}},
		{"a function that returned panics after all", func(j j) {
			guard(j, with(j, "Late", work.Late, fine))()
			with(j, "Last", work.Last, fine)()
			guard(j, with(j, "Late", work.Late, with(j, "Late", work.Late, throw(j, "text"))))()
		}},
		{"methods", func(j j) {
			box := &work.Box{Size: 7}
			guarded := with(j, "(*Box).Guard", box.Guard, throw(j, "text"))
			guarded()
			value := box.Do
			j.Try(with(j, "Box.Do", value, throw(j, "text")))
			var doer work.Doer = box
			with(j, "(*Box).Guard", doer.Guard, with(j, "Box.Do", doer.Do, throw(j, "text")))()
			with(j, "Box.Do", doer.Do, fine)()
			guard(j, with(j, "(*inner).Deepen", doer.Deepen, throw(j, "text")))()
			guard(j, with(j, "(*inner).Deepen", box.Deepen, throw(j, "text")))()
			express := (*work.Box).Guard
			with(j, "(*Box).Guard", func(id int, j *journal.Journal, body func()) int {
				return express(box, id, j, body)
			}, throw(j, "text"))()
		}},
		{"through the standard library", func(j j) {
			guard(j, with(j, "Sort", func(id int, j *journal.Journal, body func()) int {
				return work.Sort(id, &work.List{J: j, Items: []int{3, 1, 2}, Body: body})
			}, throw(j, "text")))()
			guard(j, func() { new(sync.Once).Do(call(j, throw(j, "text"))) })()
			guard(j, func() { strings.Map(func(r rune) rune { throw(j, "text")(); return r }, "xyz") })()
		}},
		{"a frame of the standard library recovers", func(j j) {
			print := with(j, "Print", func(id int, j *journal.Journal, body func()) int {
				result := 0
				j.Tell(func() { result = work.Print(id, work.Speaker{J: j, Body: body}) })
				return result
			}, throw(j, "text"))
			print()
			plain(j)
		}},
		{"Goexit", func(j j) { call(j, exit(j))() }},
		{"Goexit past frames that would recover", func(j j) { guard(j, climb(j, 5, guard(j, exit(j))))() }},
		{"Goexit runs deferred functions", func(j j) {
			clean(j, cleanLoop(j, 3, exit(j), func() { plain(j) }), climb(j, 5, fine))()
		}},
		{"Goexit of a goroutine that has recovered", func(j j) { guard(j, throw(j, "text"))(); call(j, exit(j))() }},
		{"Goexit in a deferred function", func(j j) { call(j, clean(j, fine, exit(j)))() }},
		{"Goexit in a deferred function of a panic", func(j j) {
			guard(j, clean(j, call(j, throw(j, "text")), exit(j)))()
		}},
		{"Goexit in a deferred function that recovered", func(j j) {
			guard(j, lateExit(j, true, call(j, throw(j, "text"))))()
		}},
		{"Goexit in a deferred function after a recovery", func(j j) {
			guard(j, lateExit(j, false, call(j, throw(j, "text"))))()
		}},
		{"Goexit in a deferred function of Goexit", func(j j) {
			clean(j, clean(j, exit(j), exit(j)), exit(j))()
		}},
		{"a panic in Goexit is recovered in the deferred function", func(j j) {
			call(j, clean(j, exit(j), guard(j, throw(j, "text"))))()
		}},
		{"a panic in Goexit is recovered further out", func(j j) {
			clean(j, guard(j, clean(j, exit(j), throw(j, "text"))), func() { plain(j) })()
		}},
		{"a panic in Goexit is recovered by a frame that is not watched", func(j j) {
			call(j, func() { j.Try(clean(j, exit(j), call(j, throw(j, "text")))) })()
		}},
		{"a panic in Goexit is recovered by the frame that panicked", func(j j) {
			with(j, "Last", work.Last, exit(j))()
		}},
		{"several panics in Goexit, each recovered further out", func(j j) {
			guard(j, clean(j, guard(j, clean(j, exit(j), throw(j, "text"))), throw(j, "error")))()
		}},
		{"a panic in Goexit in loops of defers", func(j j) {
			guardLoop(j, 3, cleanLoop(j, 3, exit(j), throw(j, "text")))()
		}},
		{"a guard within Goexit is recovered twice", func(j j) {
			clean(j, clean(j, exit(j), guard(j, throw(j, "text"))), guard(j, throw(j, "error")))()
		}},
		{"Goexit at the bottom of a stack that grew", func(j j) { guard(j, deep(j, 600, exit(j)))() }},
		{"a panic in Goexit at the bottom of a stack that grew", func(j j) {
			guard(j, deep(j, 300, clean(j, exit(j), deep(j, 300, throw(j, "text")))))()
		}},
		{"goroutines of goroutines", func(j j) {
			call(j, func() {
				journal.Go("a child that recovers", func(j *journal.Journal) { guard(j, throw(j, "text"))() })
				journal.Go("a child that exits", func(j *journal.Journal) { call(j, exit(j))() })
				journal.Go("a child that returns", plain)
			})()
		}},
		{"many goroutines at once", func(j j) {
			var all sync.WaitGroup
			for n := 0; n < 32; n++ {
				n := n
				all.Add(1)
				go func() {
					defer all.Done()
					journal.Go("one of many", func(j *journal.Journal) {
						for i := 0; i < 10; i++ {
							j.Try(stairs(j, n%7+i, throw(j, "text")))
							runtime.Gosched()
						}
						if n%2 == 0 {
							guard(j, exit(j))()
						}
					})
				}()
			}
			all.Wait()
		}},
		{"calls after all that", func(j j) { climb(j, 10, fine)() }},
	}
	for _, way := range work.Ways {
		way := way
		scenes = append(scenes, scene{"recovered: " + way, func(j *journal.Journal) {
			guard(j, call(j, throw(j, way)))()
			plain(j)
		}})
	}
	for _, guard := range guards {
		guard := guard
		scenes = append(scenes, scene{"recovered by " + guard.name, func(j *journal.Journal) {
			with(j, guard.name, guard.f, throw(j, "text"))()
			call(j, with(j, guard.name, guard.f, call(j, throw(j, "index"))))()
		}})
		for _, pass := range passing {
			pass := pass
			scenes = append(scenes, scene{"past " + pass.name + " to " + guard.name, func(j *journal.Journal) {
				with(j, guard.name, guard.f, with(j, pass.name, pass.f, throw(j, "text")))()
				plain(j)
			}})
		}
	}
	return scenes
}
