// Package shop is what is tested. Every function that takes who, run and n is watched: they are the test that the call
// belongs to, which run of it, and the call's number; package account explains them.
//
// Its tests are the oracle for the attribution of calls to tests, a file for each part:
//
//	main_test.go        calls of no test: in init, in TestMain and in a goroutine that it starts; servers that it starts
//	names_test.go       names of subtests: rewritten, repeated, ambiguous, long, deep; two tests of one name
//	parallel_test.go    parallel tests and subtests that run at the same time
//	goroutines_test.go  goroutines that tests start, wait for, and leave behind
//	ends_test.go        cleanup, skipped tests, Goexit, recovered panics
//	server_test.go      servers of a test's own, shared ones, HTTP/2, handlers that start goroutines
//	process_test.go     a test that runs its own program again
//	hard_test.go        calls that neither descent nor a connection gives to their test: they may be given to none
//	fuzz_test.go        seeds of a fuzz test (from Go 1.18 on)
//	example_test.go     examples
//	bench_test.go       benchmarks
//	go1.17, .24, .25    what came with these releases; the last has the bubbles of testing/synctest
package shop

import (
	"errors"
	"runtime"
	"time"

	"goproctor.test/gotest/account"
)

// ErrQuantity says that nothing was ordered.
var ErrQuantity = errors.New("shop: no quantity")

// Checkout sells so many of an item. It calls two other watched functions.
func Checkout(who string, run, n int, qty int) (total int, err error) {
	account.Call("shop.Checkout", who, run, n)
	if qty <= 0 {
		return 0, ErrQuantity
	}
	total = price(who, run, account.Next(), qty)
	Publish(who, run, account.Next(), "checkout")
	return total, nil
}

func price(who string, run, n int, qty int) int {
	account.Call("shop.price", who, run, n)
	return 5 * qty
}

// Publish tells the world.
func Publish(who string, run, n int, topic string) {
	account.Call("shop.Publish", who, run, n)
}

// Notify tells one that waits for it.
func Notify(who string, run, n int, done chan<- int) {
	account.Call("shop.Notify", who, run, n)
	done <- n
}

// Discount gives the percents of a code, and panics if it does not know it.
func Discount(who string, run, n int, code string) int {
	account.Call("shop.Discount", who, run, n)
	if code != "TEN" {
		panic("shop: unknown code " + code)
	}
	return 10
}

// TryDiscount is Discount that gives an error instead of a panic.
func TryDiscount(who string, run, n int, code string) (percent int, err error) {
	account.Call("shop.TryDiscount", who, run, n)
	defer func() {
		if reason := recover(); reason != nil {
			Publish(who, run, account.Next(), "unknown code")
			err = errors.New(reason.(string))
		}
	}()
	return Discount(who, run, account.Next(), code), nil
}

// Bundle counts what is in a bundle that holds two smaller ones. It calls itself.
func Bundle(who string, run, n int, depth int) int {
	account.Call("shop.Bundle", who, run, n)
	if depth == 0 {
		return 1
	}
	return Bundle(who, run, account.Next(), depth-1) + Bundle(who, run, account.Next(), depth-1)
}

// Ship takes a while.
func Ship(who string, run, n int, while time.Duration) {
	account.Call("shop.Ship", who, run, n)
	time.Sleep(while)
	Publish(who, run, account.Next(), "shipped")
}

// With does some work within a call.
func With(who string, run, n int, work func()) {
	account.Call("shop.With", who, run, n)
	work()
}

// Quit ends the goroutine.
func Quit(who string, run, n int) {
	account.Call("shop.Quit", who, run, n)
	runtime.Goexit()
}

// Tick is called now and then by what runs in the background.
func Tick(who string, run, n int) {
	account.Call("shop.Tick", who, run, n)
}

// A Cart holds the items that a customer wants.
type Cart struct {
	items []string
}

// Add adds an item, and says how many there are now.
func (c *Cart) Add(who string, run, n int, item string) int {
	account.Call("shop.(*Cart).Add", who, run, n)
	c.items = append(c.items, item)
	return len(c.items)
}

// Count says how many items there are.
func (c Cart) Count(who string, run, n int) int {
	account.Call("shop.Cart.Count", who, run, n)
	return len(c.items)
}
