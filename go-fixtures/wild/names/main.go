// Names has functions with names as the world has them: packages whose paths hold what the tool chain uses for itself,
// literals four deep in all places, captured by value and by reference. Each call is written to the file that the
// argument names.
package main

import (
	_ "plugin" // The linker then gives each function a second symbol.

	"go.goproctor.test/wild/account"
	"go.goproctor.test/wild/compare"
	httprange "go.goproctor.test/wild/http-range"
	"go.goproctor.test/wild/internal/deep"
	itema "go.goproctor.test/wild/item/a/item"
	itemb "go.goproctor.test/wild/item/b/item"
	shop "go.goproctor.test/wild/shop/v2"
	yaml "go.goproctor.test/wild/yaml.v3"
	dep "go.vendored.test/some-dep.v1"
)

// later is initialised before it, which stands above.
var (
	initialised = later(100)
	later       = func(n int) int {
		account.Call("main.init.func1", n)
		return func(n int) int { account.Call("main.init.func1.1", n); return n }(n + 1)
	}
	handlers = map[string]func(int) int{
		"a": func(n int) int { account.Call("main.init.func2", n); return n },
		"b": func(n int) int { account.Call("main.init.func3", n); return n },
	}
)

func init() {
	account.Call("main.init.0", 0)
	func(n int) {
		account.Call("main.init.0.func1", n)
		func(n int) { account.Call("main.init.0.func1.1", n) }(n + 1)
	}(200)
}

// four has literals four deep, called where they stand.
func four(n int) int {
	account.Call("main.four", n)
	return func(n int) int {
		account.Call("main.four.func1", n)
		return func(n int) int {
			account.Call("main.four.func1.1", n)
			return func(n int) int {
				account.Call("main.four.func1.1.1", n)
				return func(n int) int { account.Call("main.four.func1.1.1.1", n); return n }(n + 1)
			}(n + 1)
		}(n + 1)
	}(n + 1)
}

// kept gives literals four deep, each the result of the one around it.
func kept(n int) func(n int) func(n int) func(n int) func(n int) int {
	account.Call("main.kept", n)
	return func(n int) func(n int) func(n int) func(n int) int {
		account.Call("main.kept.func1", n)
		return func(n int) func(n int) func(n int) int {
			account.Call("main.kept.func1.1", n)
			return func(n int) func(n int) int {
				account.Call("main.kept.func1.1.1", n)
				return func(n int) int { account.Call("main.kept.func1.1.1.1", n); return n }
			}
		}
	}
}

// local has a literal that only a variable names, and two on one line.
func local(n int) int {
	account.Call("main.local", n)
	double := func(n int) int { account.Call("main.local.func1", n); return 2 * n }
	one, two := func(n int) int { account.Call("main.local.func2", n); return n }, func(n int) int { account.Call("main.local.func3", n); return n }
	return double(n+1) + one(n+2) + two(n+3)
}

// statements has literals in go and defer statements.
func statements(n int) {
	account.Call("main.statements", n)
	done := make(chan bool)
	go func(n int) {
		account.Call("main.statements.func1", n)
		func(n int) { account.Call("main.statements.func1.1", n); done <- true }(n + 1)
	}(n + 1)
	<-done
	defer func(n int) {
		account.Call("main.statements.func2", n)
		func(n int) { account.Call("main.statements.func2.1", n) }(n + 1)
	}(n + 3)
}

// pair is captured as a whole.
type pair struct {
	next *pair
	qty  int
}

// byValue has a literal that captures by value what it then hands on by its address.
func byValue(p pair) func(n int) interface{} {
	account.Call("main.byValue", p.qty)
	return func(n int) interface{} { account.Call("main.byValue.func1", n); return p }
}

// byReference has a literal that changes what it captures.
func byReference(p pair) func(n int) int {
	account.Call("main.byReference", p.qty)
	f := func(n int) int { account.Call("main.byReference.func1", n); p.qty += n; return p.qty }
	p.next = nil
	return f
}

type receiver struct{ n int }

// Pointer is a method with literals in literals.
func (r *receiver) Pointer(n int) func(n int) int {
	account.Call("main.(*receiver).Pointer", n)
	return func(n int) int {
		account.Call("main.(*receiver).Pointer.func1", n)
		return func(n int) int { account.Call("main.(*receiver).Pointer.func1.1", n); return r.n + n }(n + 1)
	}
}

// Value is the same on a value.
func (r receiver) Value(n int) func(n int) int {
	account.Call("main.receiver.Value", n)
	return func(n int) int {
		account.Call("main.receiver.Value.func1", n)
		return func(n int) int { account.Call("main.receiver.Value.func1.1", n); return r.n + n }(n + 1)
	}
}

func main() {
	defer account.Close()
	sum := initialised + handlers["a"](110) + handlers["b"](111)
	sum += httprange.Parse(300) + httprange.Option(0)(301) + httprange.Option(0)(302)
	sum += deep.Down(303) + dep.Call(304)
	sum += itema.Take(itema.Item{Qty: 1}, 306) + itemb.Take(itemb.Item{Qty: 2}, 307)
	sum += (&yaml.Node{Line: 1}).Decode(308)
	if shop.Fail(309) == nil {
		sum++
	}
	names := compare.Names{"m", "a", "z", "c", "b"}
	sum += compare.Count(&names, len(names)) + compare.Direct("a", "b")
	sum += four(400) + kept(410)(411)(412)(413)(414) + local(420)
	statements(430)
	if byValue(pair{&pair{nil, 99}, 440})(441) == nil {
		sum++
	}
	sum += byReference(pair{&pair{nil, 99}, 442})(443)
	r := &receiver{n: 1}
	sum += r.Pointer(450)(451) + r.Value(460)(461)
	sum += generic()
	if sum == 0 {
		panic("unlikely")
	}
}
