// Outcomes makes calls of generic functions that end in every way a function can, and writes down how each of them did.
package main

import (
	"errors"
	"flag"
	"fmt"

	"goproctor.test/base/outcomes/journal"
	"goproctor.test/generics/outcomes/work"
)

var logFile = flag.String("log", "", "the `file` to write the account to")

type point struct{ X, Y int }

func main() {
	flag.Parse()
	for round := 0; round < 3; round++ {
		play("int", 7)
		play("string", "text")
		play("point", point{1, 2})
		play("*point", &point{3, 4})
		play("error", errors.New("error"))
		play("[]byte", []byte("bytes"))
	}
	journal.Write(*logFile, journal.ProcessEnded)
	fmt.Println("done")
}

type j = *journal.Journal

// play runs all scenes for a type.
func play[T any](name string, value T) {
	plain := func(j j) func(T) {
		return func(value T) { id := j.Enter("Plain"); j.Leave(id, work.Plain(id, j, value)) }
	}
	throw := func(j j) func(T) {
		return func(value T) { id := j.Enter("Throw"); j.Leave(id, work.Throw(id, j, value)) }
	}
	exit := func(j j) func(T) {
		return func(value T) { id := j.Enter("Exit"); j.Leave(id, work.Exit(id, j, value)) }
	}
	guard := func(j j, body func(T)) func(T) {
		return func(value T) { id := j.Enter("Guard"); j.Leave(id, work.Guard(id, j, value, body)) }
	}
	guardLoop := func(j j, body func(T)) func(T) {
		return func(value T) {
			id := j.Enter("GuardLoop")
			j.Leave(id, work.GuardLoop(id, j, []T{value, value}, body))
		}
	}
	climb := func(j j, body func(T)) func(T) {
		return func(value T) { id := j.Enter("Climb"); j.Leave(id, work.Climb(id, j, 3, value, body)) }
	}
	scene := func(what string, body func(j)) { journal.Go(what+" of "+name, body) }

	scene("a call", func(j j) { plain(j)(value) })
	scene("a recovery", func(j j) { guard(j, throw(j))(value); plain(j)(value) })
	scene("a recovery in a loop", func(j j) { guardLoop(j, climb(j, throw(j)))(value) })
	scene("a recursion", func(j j) { guard(j, climb(j, guard(j, climb(j, throw(j)))))(value) })
	scene("an exit", func(j j) { guard(j, climb(j, exit(j)))(value) })
	scene("a frame that is not watched", func(j j) {
		j.Try(func() { climb(j, throw(j))(value) })
		plain(j)(value)
	})
	scene("methods", func(j j) {
		box := &work.Box[T]{Value: value}
		var doer work.Doer[T] = box
		through := func(name string, f func(int, *journal.Journal, func(T)) int, body func(T)) func(T) {
			return func(T) { id := j.Enter(name); j.Leave(id, f(id, j, body)) }
		}
		through("(*Box).Guard", box.Guard, through("Box.Do", box.Do, throw(j)))(value)
		through("(*Box).Guard", doer.Guard, through("Box.Do", doer.Do, throw(j)))(value)
		through("(*Box).Guard", doer.Guard, through("Box.Do", doer.Do, plain(j)))(value)
	})
}
