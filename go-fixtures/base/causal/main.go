// Causal takes orders, and what it does for one stands in every relation to the rest that a spec has words for. Nothing
// is left to chance: what is to happen at the same time waits for one another, and so does what is to come later.
//
//	/order?item=book  two goroutines look at the order at the same time, a worker keeps it, and then it is announced
//	/meet             a request waits for another one
//	/guard            a panic is recovered on the way
//	/panic            a panic leaves the handler
//	/goexit           a goroutine is ended by runtime.Goexit
//	/late?ms=1500     a goroutine begins its work so long after the answer
//	/hang             a goroutine never ends
//	/crash            the process ends
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"
)

var listen = flag.String("listen", "127.0.0.1:8080", "the `address` to serve on")

// An order, on its way through the program by its address.
type order struct {
	ID     int
	Item   string
	stored chan struct{}
}

// A note is for the goroutine that writes down what happened, whoever it happened to.
type note struct {
	id      int
	written chan struct{}
}

var (
	pool           = make(chan *order)
	notes          = make(chan note)
	visitors       = make(chan struct{})
	last     int32 = 1000
)

func main() {
	flag.Parse()
	go func() {
		for o := range pool {
			process(o)
			close(o.stored)
		}
	}()
	go func() {
		for n := range notes {
			audit(n.id)
			close(n.written)
		}
	}()
	http.HandleFunc("/order", handle)
	http.HandleFunc("/meet", meet)
	http.HandleFunc("/guard", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, guard("guarded")) })
	http.HandleFunc("/panic", fall)
	http.HandleFunc("/goexit", withdraw)
	http.HandleFunc("/late", follow)
	http.HandleFunc("/hang", forget)
	http.HandleFunc("/crash", func(http.ResponseWriter, *http.Request) { crash(3) })
	log.Fatal(http.ListenAndServe(*listen, nil))
}

// handle takes an order and waits until all is done for it.
func handle(w http.ResponseWriter, r *http.Request) {
	o := take(r.FormValue("item"))
	met, weighed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(weighed)
		weigh(o, met)
	}()
	price(o, met)
	<-weighed
	submit(o)
	<-o.stored
	n := note{o.ID, make(chan struct{})}
	notes <- n
	<-n.written
	fmt.Fprintln(w, announce(o.ID, o.Item))
}

func take(item string) *order {
	return &order{ID: int(atomic.AddInt32(&last, 1)), Item: item, stored: make(chan struct{})}
}

// weigh meets price, and leaves the rest to a goroutine of its own.
func weigh(o *order, met chan struct{}) {
	met <- struct{}{}
	scaled := make(chan struct{})
	go func() {
		defer close(scaled)
		scale(o.Item)
	}()
	<-scaled
}

func scale(item string) {}

// price meets weigh.
func price(o *order, met chan struct{}) { <-met }

func submit(o *order) { pool <- o }

func process(o *order) { store(o) }

func store(o *order) {}

func audit(id int) {}

func announce(id int, item string) string { return item + " is order " + strconv.Itoa(id) }

// meet answers two requests at a time.
func meet(w http.ResponseWriter, _ *http.Request) {
	select {
	case visitors <- struct{}{}:
	case <-visitors:
	}
	fmt.Fprintln(w, "met")
}

// guard gives what was wrong with what it called.
func guard(what string) (told string) {
	defer func() { told = fmt.Sprint(recover()) }()
	return fail(what)
}

func fail(what string) string { panic(what) }

// fall does not recover.
func fall(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, fail("unguarded")) }

// withdraw waits for a goroutine that leaves.
func withdraw(w http.ResponseWriter, _ *http.Request) {
	left := make(chan struct{})
	go func() {
		defer close(left)
		leave()
	}()
	<-left
	fmt.Fprintln(w, "left")
}

func leave() { runtime.Goexit() }

// follow does not wait for what it starts.
func follow(w http.ResponseWriter, r *http.Request) {
	ms, _ := strconv.Atoi(r.FormValue("ms"))
	go func() {
		time.Sleep(time.Duration(ms) * time.Millisecond)
		report()
	}()
	fmt.Fprintln(w, "later")
}

func report() {}

// forget waits until what it starts is under way, and no longer.
func forget(w http.ResponseWriter, _ *http.Request) {
	begun := make(chan struct{})
	go hang(begun)
	<-begun
	fmt.Fprintln(w, "hanging")
}

func hang(begun chan struct{}) {
	close(begun)
	select {}
}

func crash(status int) { os.Exit(status) }
