package main

import (
	"strings"

	"goproctor.test/base/values/account"
	"goproctor.test/base/values/kinds"
)

// scaled returns a closure of package main.
//
//go:noinline
func scaled(by int, name string) func(int) int {
	return func(n int) int { return n*by + len(name) }
}

// total returns a closure that captures a variable by reference, and the variable.
//
//go:noinline
func total(from int) (func(int) int, *int) {
	sum := from
	return func(n int) int {
		sum += n
		return sum
	}, &sum
}

// funcs calls functions with functions, closures and bound methods, and says what these captured.
func funcs(a *account.Account) {
	captured := func(name string, variables account.Captured) {
		a.Closures("goproctor.test/base/values/kinds."+name, variables)
	}
	a.Call(kinds.Apply, double, 1)
	a.Call(kinds.Apply, nil, 1)
	a.Call(kinds.Apply, increment, -1)

	by3, by5 := scaled(3, "three"), scaled(5, "")
	a.Closure(by3, account.Captured{"by": account.Value(3), "name": account.Value("three")})
	a.Closure(by5, account.Captured{"by": account.Value(5), "name": account.Value("")})
	a.Call(kinds.Apply, by3, 1)
	a.Call(kinds.Apply, by5, 2)
	sum, variable := total(7)
	a.Closure(sum, account.Captured{"sum": account.Value(variable)})
	a.Call(kinds.Apply, sum, 3)
	sum(10)
	a.Call(kinds.Apply, sum, 4)

	for _, by := range []int{0, -1, 1 << 40} {
		captured("Adder.func1", account.Captured{"by": account.Value(by)})
		a.Call(kinds.Adder, by)
	}
	from := 30
	captured("Counter.func1", account.Captured{"count": account.Value(&from)})
	a.Call(kinds.Counter, from)
	var any interface{} = "any"
	who, at := []string{"x", "y"}, &kinds.Point{X: 1, Y: 2}
	captured("Greeter.func1", account.Captured{
		"name": account.Value("name"), "times": account.Value(1), "loud": account.Value(true),
		"who": account.Value(who), "at": account.Value(at), "any": account.Of(&any),
	})
	a.Call(kinds.Greeter, "name", 1, true, who, at, any)
	point, colour := kinds.Point{X: 3}, kinds.Colour{R: 0.1, A: 1}
	captured("Weigher.func1", account.Captured{
		"factor": account.Value(2.5), "p": account.Value(point), "c": account.Value(colour),
	})
	a.Call(kinds.Weigher, 2.5, point, colour)
	captured("Composed.func1", account.Captured{"f": account.Value(double), "g": account.Value(by3)})
	a.Call(kinds.Composed, double, by3)
	shared := 9
	captured("Both.func1", account.Captured{"shared": account.Value(&shared)})
	captured("Both.func2", account.Captured{"shared": account.Value(&shared)})
	a.Call(kinds.Both, shared)
	captured("Plain.func1", nil)
	a.Call(kinds.Plain)

	bound(a, captured)

	a.Call(kinds.Variadic, nil, nil, nil)
	a.Call(kinds.Variadic, count, nothing, nil)
	a.Call(kinds.Register, kinds.Handlers{Name: "handlers", On: by5, All: []func() string{nil, word}})
}

// bound calls functions with bound methods, which capture their receiver.
func bound(a *account.Account, captured func(string, account.Captured)) {
	square, circle := kinds.Square{Side: 4}, &kinds.Circle{Radius: 5, Name: "five"}
	captured("Square.Area-fm", account.Captured{"": account.Value(square)})
	a.Call(kinds.Bound, square)
	captured("(*Circle).Grow-fm", account.Captured{"": account.Value(circle)})
	a.Call(kinds.BoundPointer, circle)
	builder := new(strings.Builder)
	a.Closures("strings.(*Builder).WriteString-fm", account.Captured{"": account.Value(builder)})
	a.Call(kinds.Carry, builder.WriteString)
}

func count(prefix string, numbers ...int) (int, error) { return len(numbers), nil }

func nothing() {}

func word() string { return "word" }
