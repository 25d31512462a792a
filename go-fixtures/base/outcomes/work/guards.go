package work

import (
	"errors"

	"goproctor.test/base/outcomes/journal"
)

// Guard recovers, by an open-coded defer.
//
//go:noinline
func Guard(id int, j J, body func()) (result int) {
	defer func() {
		if recover() != nil {
			j.Recovered(id)
			result = -id
		}
	}()
	body()
	return id
}

// GuardUnnamed recovers, and its result has no name: it is zero.
//
//go:noinline
func GuardUnnamed(id int, j J, body func()) int {
	defer func() {
		if recover() != nil {
			j.Recovered(id)
		}
	}()
	body()
	return id
}

// GuardLoop recovers, by defers in a loop, which stand on the heap.
//
//go:noinline
func GuardLoop(id int, j J, n int, body func()) (result int) {
	for i := 0; i < n; i++ {
		defer func() {
			result++
			if recover() != nil {
				j.Recovered(id)
				result = -id
			}
		}()
	}
	body()
	return id
}

// GuardMany recovers, by more defers than can be open-coded.
//
//go:noinline
func GuardMany(id int, j J, body func()) (result int) {
	defer func() { result++ }()
	defer func() { result++ }()
	defer func() { result++ }()
	defer func() { result++ }()
	defer func() {
		if recover() != nil {
			j.Recovered(id)
			result = -id
		}
	}()
	defer func() { result++ }()
	defer func() { result++ }()
	defer func() { result++ }()
	defer func() { result++ }()
	body()
	return id
}

// GuardIf recovers if it is to: a defer that may not be reached.
//
//go:noinline
func GuardIf(id int, j J, guarded bool, body func()) (result int) {
	if guarded {
		defer func() {
			if recover() != nil {
				j.Recovered(id)
				result = -id
			}
		}()
	}
	defer func() { result *= 3 }()
	body()
	return id
}

// GuardNil recovers a panic of nil.
//
//go:noinline
func GuardNil(id int, j J, body func()) (result int) {
	fine := false
	defer func() {
		recover()
		if !fine {
			j.Recovered(id)
			result = -id
		}
	}()
	body()
	fine = true
	return id
}

// GuardNamed recovers, by a function with a name that is watched itself.
//
//go:noinline
func GuardNamed(id int, j J, body func()) int {
	defer Rescue(journal.ID(), j, id)
	body()
	return id
}

// Rescue recovers for another call. Its caller is the runtime, so that it notes its own begin and end.
//
//go:noinline
func Rescue(id int, j J, guarded int) int {
	j.Begin(id, "Rescue")
	if recover() != nil {
		j.Recovered(guarded)
	}
	j.Leave(id, id)
	return id
}

// GuardMethod recovers, by a deferred method value.
//
//go:noinline
func GuardMethod(id int, j J, body func()) int {
	r := rescuer{id, j}
	rescue := r.rescue
	defer rescue()
	body()
	return id
}

// GuardInterface recovers, by a deferred method of an interface.
//
//go:noinline
func GuardInterface(id int, j J, body func()) int {
	var r interface{ rescue() } = &rescuer{id, j}
	defer r.rescue()
	body()
	return id
}

type rescuer struct {
	id int
	j  J
}

func (r *rescuer) rescue() {
	if recover() != nil {
		r.j.Recovered(r.id)
	}
}

// Clean defers what does not recover.
//
//go:noinline
func Clean(id int, j J, body func(), last func()) int {
	defer last()
	body()
	return id
}

// CleanLoop defers what does not recover, several times.
//
//go:noinline
func CleanLoop(id int, j J, n int, body func(), last func()) int {
	for i := 0; i < n; i++ {
		defer last()
	}
	body()
	return id
}

// Useless calls recover where it has no effect: not directly in the deferred function, and as the deferred function itself.
//
//go:noinline
func Useless(id int, j J, body func()) int {
	defer recover()
	defer func() {
		func() {
			if recover() != nil {
				j.Recovered(id)
			}
		}()
	}()
	body()
	return id
}

// Idle calls recover where there is no panic.
//
//go:noinline
func Idle(id int, j J, body func()) int {
	if recover() != nil {
		j.Recovered(id)
	}
	body()
	return id
}

// Again recovers and panics with the same value.
//
//go:noinline
func Again(id int, j J, body func()) int {
	defer func() {
		if value := recover(); value != nil {
			j.Recovered(id)
			panic(value)
		}
	}()
	body()
	return id
}

// Replace panics in a deferred function, with or without a panic before.
//
//go:noinline
func Replace(id int, j J, body func()) int {
	defer panic("replaced")
	body()
	return id
}

// Twice recovers, panics again, and recovers that, too.
//
//go:noinline
func Twice(id int, j J, body func()) (result int) {
	defer func() {
		if recover() != nil {
			j.Recovered(id)
			result = -2
		}
	}()
	defer func() {
		if recover() != nil {
			j.Recovered(id)
			panic("again")
		}
	}()
	body()
	return id
}

// Late returns or recovers, and panics in a deferred function that runs after that.
//
//go:noinline
func Late(id int, j J, body func()) int {
	defer panic("late")
	defer func() {
		if recover() != nil {
			j.Recovered(id)
		}
	}()
	body()
	return id
}

// Last recovers what its own deferred function panics with after it has returned.
//
//go:noinline
func Last(id int, j J, body func()) (result int) {
	defer func() {
		if recover() != nil {
			j.Recovered(id)
			result = -id
		}
	}()
	defer panic("last")
	body()
	return id
}

// LateExit recovers, and then ends the goroutine.
//
//go:noinline
func LateExit(id int, j J, inside bool, body func()) int {
	defer func() {
		if !inside {
			j.Resumed(id)
			j.Exit()
		}
	}()
	defer func() {
		if recover() != nil {
			j.Recovered(id)
			if inside {
				j.Exit()
			}
		}
	}()
	body()
	return id
}

// Stairs calls itself so many times; every third step recovers, and panics again if it is odd.
//
//go:noinline
func Stairs(id int, j J, n int, body func()) (result int) {
	if n%3 == 0 {
		defer func() {
			if value := recover(); value != nil {
				j.Recovered(id)
				if n%2 == 1 {
					panic(value)
				}
				result = -n
			}
		}()
	}
	if n == 0 {
		body()
		return id
	}
	next := j.Enter("Stairs")
	j.Leave(next, Stairs(next, j, n-1, body))
	if n%6 == 0 {
		panic(errors.New("on the stairs"))
	}
	return n
}

// Inner guards a panic of its own while another may be running: it is deferred.
//
//go:noinline
func Inner(id int, j J) (result int) {
	defer func() {
		if recover() != nil {
			j.Recovered(id)
			result = -1
		}
	}()
	next := j.Enter("Throw")
	j.Leave(next, Throw(next, j, "error"))
	return 1
}

// Outer runs a function when it ends, whose call it notes.
//
//go:noinline
func Outer(id int, j J, body func()) int {
	defer func() {
		next := j.Enter("Inner")
		j.Leave(next, Inner(next, j))
	}()
	body()
	return id
}

// Drop leaves a panic to its caller, but for a while calls itself in a deferred function, deeper each time.
//
//go:noinline
func Drop(id int, j J, n int) int {
	defer func() {
		if n > 0 {
			next := j.Enter("Drop")
			j.Leave(next, Drop(next, j, n-1))
		}
	}()
	panic(n)
}
