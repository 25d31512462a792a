// Spawn starts goroutines of generic functions, methods and their literals. Each says who it is, who started it and which
// function the go statement named.
package main

import (
	"os"
	"sync"

	"goproctor.test/base/goroutine"
)

var all sync.WaitGroup

// note says of the calling goroutine what it is: its number, that of the one that started it, and the function that
// was named.
func note(function string, goid, parent uint64) { all.Done() }

func report(function string, parent uint64) { note(function, goroutine.ID(), parent) }

func run[T any](function string, parent uint64, value T) { report(function, parent) }

type list[T any] struct{ elements []T }

func (l *list[T]) walk(function string, parent uint64) { report(function, parent) }

func (l list[T]) first(function string, parent uint64, other T) { report(function, parent) }

func spawn[T any](parent uint64, value T) {
	go func() { report("main.spawn[...].func1", parent) }()
	go run("main.run[...]", parent, value)
}

func main() {
	all.Add(8)
	parent := goroutine.ID()
	go run("main.run[...]", parent, 1)
	go run("main.run[...]", parent, &all)
	ints := &list[int]{[]int{1}}
	go ints.walk("main.(*list[...]).walk", parent)
	go ints.first("main.list[...].first", parent, 2)
	texts := list[string]{[]string{"a"}}
	go texts.walk("main.(*list[...]).walk", parent)
	walk := texts.walk
	go walk("main.(*list[...]).walk|main.main", parent)
	spawn(parent, "text")
	all.Wait()
	os.Stdout.WriteString("spawned\n")
}
