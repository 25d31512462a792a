// Names calls a function of every kind that Go has names for, and prints the name as the source has it and the
// line that runtime.Caller reports inside the function.
package main

import (
	"fmt"
	"runtime"

	"goproctor.test/base/names/shape"
)

// report prints what was called and the line that it was reported from.
//
//go:noinline
func report(name string) {
	_, file, line, _ := runtime.Caller(1)
	fmt.Printf("%s %s:%d\n", name, file, line)
}

// atPackageLevel is a literal that belongs to no function.
var atPackageLevel = func(n int) int { report("package-level literal"); return n + 1 }

// initialised is the result of a literal that is called where it stands.
var initialised = func() int { report("package-level literal, called at once"); return 41 }()

func init() {
	report("init, the first")
}

func init() {
	func() { report("literal in the second init") }()
}

// small would be inlined.
func small(n int) int { report("small"); return n + 1 }

// leaf would be inlined, and calls nothing.
func leaf(n int) int { return n*2 + 1 }

//go:noinline
func hinted(n int) int { return n + 3 }

// bounded carries a directive that must stay.
//
//go:nosplit
func bounded(n int) int { return n + 4 }

/* block has a comment of another kind above it. */
func block(n int) int   { return n + 5 }
func crowded(n int) int { report("crowded"); return n + 6 }
func crowd(n int) int   { report("crowd"); return n + 7 }

// unused is called by nobody: the linker drops it.
func unused() { report("unused") }

// variadic takes any number of strings.
func variadic(prefix string, rest ...string) int {
	report("variadic")
	return len(rest)
}

// account has methods of both kinds.
type account struct {
	balance int
}

// Balance has a value receiver.
func (a account) Balance() int { report("account.Balance"); return a.balance }

// Deposit has a pointer receiver.
func (a *account) Deposit(n int) { report("(*account).Deposit"); a.balance += n }

// Each has a literal in a method, and one in that.
func (a *account) Each(visit func(int)) {
	report("(*account).Each")
	step := func(n int) {
		report("(*account).Each.func1")
		func() { report("(*account).Each.func1.1"); visit(n) }()
	}
	step(a.balance)
}

// savings embeds an account, whose methods are promoted.
type savings struct {
	account
	rate int
}

// balancer is what both account and savings are.
type balancer interface {
	Balance() int
}

// work is run as a goroutine of its own.
func work(n int, done chan<- int) { report("work"); done <- n }

// Run is a method that is run as a goroutine.
func (a *account) Run(done chan<- int) { report("(*account).Run"); done <- a.balance }

// spawn starts goroutines of every form, and waits until they are gone: what they send comes before they return.
func spawn() int {
	report("spawn")
	before := runtime.NumGoroutine()
	done := make(chan int)
	go func() { report("spawn.func1"); done <- 1 }()
	go work(2, done)
	go (&account{balance: 3}).Run(done)
	sum := <-done + <-done + <-done
	for runtime.NumGoroutine() > before {
		runtime.Gosched()
	}
	return sum
}

// deferred defers calls of every form.
func deferred() (n int) {
	defer func() { report("deferred.func1"); n *= 2 }()
	defer report("deferred")
	a := &account{}
	defer a.Deposit(1)
	return 21
}

// recursive calls itself.
func recursive(n int) int {
	if n == 0 {
		report("recursive")
		return 0
	}
	return 1 + recursive(n-1)
}

func main() {
	fmt.Println(atPackageLevel(1), initialised, small(1), leaf(2), hinted(3), bounded(4), block(5), crowded(6), crowd(7))
	fmt.Println(variadic("a"), variadic("a", "b", "c"))

	s := savings{account: account{balance: 7}}
	s.Deposit(5)
	s.Each(func(n int) { report("main.func1") })
	var b balancer = &s
	fmt.Println(b.Balance())
	balance := s.Balance
	deposit := (*account).Deposit
	deposit(&s.account, 1)
	fmt.Println(balance())

	fmt.Println(spawn(), deferred(), recursive(5))

	tile := &shape.Tile{Square: shape.Square{Side: 3}}
	tile.Rename("a")
	fmt.Println(shape.Describe(tile), tile.Rename("b"), shape.Double(4))
}
