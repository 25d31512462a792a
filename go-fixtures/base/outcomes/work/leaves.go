// Package work has functions that end in every way a Go function can. Each is called with an id of its own.
package work

import (
	"errors"
	"fmt"
	"log"
	"sort"
	"strings"

	"goproctor.test/base/outcomes/journal"
)

// A J is the account of the goroutine.
type J = *journal.Journal

// Plain returns.
//
//go:noinline
func Plain(id int, j J) int {
	return 2 * id
}

// Throw panics, in the way of that name.
//
//go:noinline
func Throw(id int, j J, way string) int {
	throw(way)
	return id
}

// A Fault is an error of our own.
type Fault struct{ Text string }

// Error returns the text.
func (f *Fault) Error() string { return f.Text }

// Ways lists what throw knows.
var Ways = []string{
	"text", "error", "pointer", "log", "nil pointer", "nil field", "index", "slice", "division", "nil map", "closed channel",
	"send on closed channel", "assertion", "nil function", "nil interface", "negative length", "repeat", "unhashable",
}

var (
	zero    int
	nothing *Fault
	noMap   map[string]int
	noFunc  func()
	noError error
	some    = []int{1, 2, 3}
)

// throw panics in one of many ways.
func throw(way string) {
	switch way {
	case "text":
		panic("text")
	case "error":
		panic(errors.New("error"))
	case "pointer":
		panic(&Fault{"pointer"})
	case "log":
		log.Panic("log")
	case "nil pointer":
		nothing.Text = way
	case "nil field":
		some[0] = len(nothing.Text)
	case "index":
		some[zero+3] = 1
	case "slice":
		some = some[:4+zero+cap(some)]
	case "division":
		some[0] /= zero
	case "nil map":
		noMap[way] = 1
	case "closed channel":
		closed := make(chan int)
		close(closed)
		close(closed)
	case "send on closed channel":
		closed := make(chan int)
		close(closed)
		closed <- 1
	case "assertion":
		var value interface{} = way
		some[0] = value.(int)
	case "nil function":
		noFunc()
	case "nil interface":
		some[0] = len(noError.Error())
	case "negative length":
		some = make([]int, zero-1)
	case "repeat":
		some[0] = len(strings.Repeat("x", zero-1))
	case "unhashable":
		known := map[interface{}]int{}
		known[some] = 1
	default:
		panic(fmt.Sprintf("there is no way %q", way))
	}
}

// Nil panics with nil, which has nothing to recover but is recovered all the same.
//
//go:noinline
func Nil(id int, j J) int {
	panic(nil)
}

// Leaf panics without a frame of its own: the nil pointer is dereferenced by its first instruction.
//
//go:noinline
func Leaf(pointer *int, id int) int {
	return *pointer
}

// Exit calls runtime.Goexit.
//
//go:noinline
func Exit(id int, j J) int {
	j.Exit()
	return id
}

// Block never returns.
//
//go:noinline
func Block(id int, j J, entered chan<- bool) int {
	entered <- true
	select {}
}

// Call calls a function that is not watched.
//
//go:noinline
func Call(id int, j J, body func()) int {
	body()
	return id + 1
}

// Climb calls itself so many times, then a function.
//
//go:noinline
func Climb(id int, j J, n int, body func()) int {
	if n == 0 {
		body()
		return id
	}
	next := j.Enter("Climb")
	result := Climb(next, j, n-1, body)
	j.Leave(next, result)
	return id + n
}

// Deep is like Climb, with a frame that makes stacks grow.
//
//go:noinline
func Deep(id int, j J, n int, body func()) int {
	var room [2048]byte
	for i := range room {
		room[i] = byte(id + i)
	}
	if n == 0 {
		body()
		return id
	}
	next := j.Enter("Deep")
	result := Deep(next, j, n-1, body)
	j.Leave(next, result)
	return id + int(room[n%len(room)])
}

// Even and Odd call each other so many times, then a function.
//
//go:noinline
func Even(id int, j J, n int, body func()) int {
	if n == 0 {
		body()
		return id
	}
	next := j.Enter("Odd")
	j.Leave(next, Odd(next, j, n-1, body))
	return id
}

// Odd is the other one.
//
//go:noinline
func Odd(id int, j J, n int, body func()) int {
	if n == 0 {
		body()
		return id
	}
	next := j.Enter("Even")
	j.Leave(next, Even(next, j, n-1, body))
	return -id
}

// A Box has methods of both kinds, and one that is promoted.
type Box struct {
	inner
	Size int
}

type inner struct{ depth int }

// A Doer is what a Box is.
type Doer interface {
	Do(id int, j J, body func()) int
	Guard(id int, j J, body func()) int
	Deepen(id int, j J, body func()) int
}

// Do calls a function.
//
//go:noinline
func (b Box) Do(id int, j J, body func()) int {
	body()
	return b.Size
}

// Guard recovers.
//
//go:noinline
func (b *Box) Guard(id int, j J, body func()) (result int) {
	defer func() {
		if recover() != nil {
			j.Recovered(id)
			result = -b.Size
		}
	}()
	body()
	return b.Size
}

// Deepen calls a function, by a wrapper.
//
//go:noinline
func (i *inner) Deepen(id int, j J, body func()) int {
	i.depth++
	body()
	return i.depth
}

// List sorts by a function.
type List struct {
	J     J
	Items []int
	Body  func()
}

// Len is the number of items.
func (l *List) Len() int { return len(l.Items) }

// Swap swaps two items.
func (l *List) Swap(i, k int) { l.Items[i], l.Items[k] = l.Items[k], l.Items[i] }

// Less panics in the midst of the sorting.
func (l *List) Less(i, k int) bool {
	id := l.J.Enter("Call")
	l.J.Leave(id, Call(id, l.J, l.Body))
	return l.Items[i] < l.Items[k]
}

// Sort sorts.
//
//go:noinline
func Sort(id int, l *List) int {
	sort.Sort(l)
	return l.Items[0]
}

// A Speaker says what a function says.
type Speaker struct {
	J    J
	Body func()
}

// String calls a function; package fmt recovers its panic.
func (s Speaker) String() string {
	id := s.J.Enter("Call")
	s.J.Leave(id, Call(id, s.J, s.Body))
	return "fine"
}

// Print prints a value.
//
//go:noinline
func Print(id int, value fmt.Stringer) int {
	return len(fmt.Sprint(value))
}
