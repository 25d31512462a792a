// Spawn starts goroutines in all the ways that there are in every release of Go. Each says who it is, who started it and
// which function the go statement named.
package main

import (
	"context"
	"os"
	"runtime"
	"sync"
	"time"

	"goproctor.test/base/goroutine"
)

var all sync.WaitGroup

// note says of the calling goroutine what it is: its number, that of the one that started it (0 for one that no
// goroutine did), and the function that was named. Where the statement does not tell which one it is, but calls a
// variable or an interface's method with arguments, the name of the function with the statement is behind a bar: from Go
// 1.17 on, that is all that is known.
func note(function string, goid, parent uint64) { all.Done() }

func report(function string, parent uint64) { note(function, goroutine.ID(), parent) }

type value struct{ a, b, c int }

func (v value) method(parent uint64)     { report("main.value.method", parent) }
func (v *value) pointed(parent uint64)   { report("main.(*value).pointed", parent) }
func (v *value) Run(parent uint64)       { report("main.(*value).Run|main.methods", parent) }
func (v value) bare()                    { report("main.value.bare", mainGoid) }
func (v value) wide(parent uint64) value { report("main.value.wide", parent); return v }

func (v value) bound(parent uint64) { report("main.value.bound|main.methods", parent) }
func (v *value) tied(parent uint64) { report("main.(*value).tied|main.methods", parent) }

type embedding struct {
	*value
	n int
}

type runner interface{ Run(parent uint64) }

// other makes runner an interface of several types, so that no call of it is known beforehand.
type other struct{}

func (other) Run(parent uint64) { report("main.other.Run|main.methods", parent) }

// A binder's method is bound before it is known whose it is.
type binder interface{ Bind(parent uint64) }

func (other) Bind(parent uint64) { report("main.binder.Bind|main.methods", parent) }

var mainGoid = goroutine.ID()

func plain(parent uint64) { report("main.plain", parent) }

// kept is called through a variable, which newer compilers look through.
func kept(parent uint64) { report("main.kept|main.functions", parent) }

func bare() { report("main.bare", mainGoid) }

// tiny is small enough to be inlined wherever it is called, also in what go makes of a call with arguments.
func tiny(parent uint64) { report("main.tiny", parent) }

// leaf calls what tells nothing of it.
func leaf(parent uint64, told *[2]uint64) { told[0], told[1] = parent, parent }

func variadic(parent uint64, more ...int) int {
	report("main.variadic", parent)
	return len(more)
}

func results(parent uint64, text string, f float64) (string, error) {
	report("main.results", parent)
	return text, nil
}

// deep starts a goroutine that starts one, and so on.
func deep(level int, parent uint64) {
	me := goroutine.ID()
	note("main.deep", me, parent)
	if level > 0 {
		go deep(level-1, me)
	}
}

var global = func(parent uint64) { report("main.init.func1|main.functions", parent) }

func literals(parent uint64) {
	go func() { report("main.literals.func1", parent) }()
	go func(parent uint64, more string) { report("main.literals.func2|main.literals", parent) }(parent, "more")
	kept := func() { report("main.literals.func3", parent) }
	go kept()
	go func() {
		me := goroutine.ID()
		note("main.literals.func4", me, parent)
		go func() { report("main.literals.func4.1", me) }()
	}()
	func() {
		go func() { report("main.literals.func5.1", parent) }()
	}()
}

func methods(parent uint64) {
	v := value{1, 2, 3}
	go v.method(parent)
	go v.pointed(parent)
	go v.bare()
	go v.wide(parent)
	embedded := embedding{&v, 4}
	go embedded.pointed(parent)
	bound := v.bound
	go bound(parent)
	boundToPointer := (&v).tied
	go boundToPointer(parent)
	go value.bound(v, parent)
	go (*value).tied(&v, parent)
	for _, r := range []runner{&v, other{}} {
		go r.Run(parent)
	}
	bound = binder(other{}).Bind
	go bound(parent)
}

func functions(parent uint64) {
	go plain(parent)
	go bare()
	go tiny(parent)
	go variadic(parent, 1, 2, 3)
	go results(parent, "text", 0.5)
	go global(parent)
	named := kept
	go named(parent)
	go deep(10, parent)
}

// deferred starts goroutines from a deferred call, on the way of a panic.
func deferred(parent uint64) {
	defer func() { _ = recover() }()
	defer func() {
		go plain(parent)
	}()
	panic("on the way")
}

// of the runtime's and the library's doing.
func libraries(parent uint64) {
	time.AfterFunc(time.Millisecond, func() { report("main.libraries.func1", 0) })
	var once sync.Once
	once.Do(func() { go plain(parent) })
	ctx, cancel := context.WithCancel(ownContext{context.Background(), make(chan struct{})})
	defer cancel()
	_ = ctx
}

// ownContext is none of package context's, which watches it with a goroutine.
type ownContext struct {
	context.Context
	done chan struct{}
}

func (c ownContext) Done() <-chan struct{} { return c.done }

const goroutines = 5 + 1 + 12 + 7 + 11 + 1 + 2

func main() {
	all.Add(goroutines)
	var told [2]uint64
	go leaf(mainGoid, &told)
	functions(mainGoid)
	literals(mainGoid)
	methods(mainGoid)
	deferred(mainGoid)
	libraries(mainGoid)
	runtime.GC()
	all.Wait()
	os.Stdout.WriteString("spawned\n")
}
