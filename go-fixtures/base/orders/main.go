// Orders takes orders, over HTTP or, told no address, as a command that takes one and ends.
//
//	POST, PUT, PATCH, DELETE, OPTIONS /orders  hands what it got to receive, then to the store
//	GET /orders/1                              looks an order up
//	/both                                      starts two goroutines, whichever runs first
//	/retry                                     asks the site until it answers with 200, three times at most
//	/slow?ms=5                                 takes so long
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

var (
	listen = flag.String("listen", "", "the `address` to serve on")
	site   = flag.String("site", "", "the `URL` of the site that /retry asks")
	item   = flag.String("item", "book", "what the command orders")
	exit   = flag.Int("exit", 0, "the `status` that the command ends with")
)

// store holds orders by their numbers, from 1.
type store struct {
	lock  sync.Mutex
	items []string
}

var orders = &store{}

var client = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

func main() {
	flag.Parse()
	if *listen == "" {
		fmt.Println("order", orders.insert(*item, 1))
		os.Exit(*exit)
	}
	http.HandleFunc("/orders", order)
	http.HandleFunc("/orders/", lookup)
	http.HandleFunc("/both", both)
	http.HandleFunc("/retry", retry)
	http.HandleFunc("/slow", slow)
	log.Fatal(http.ListenAndServe(*listen, nil))
}

// order answers all that is sent to /orders.
func order(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	receive(request.Method, request.Header.Get("Content-Type"), string(body))
	if !valid(string(body)) {
		audit("empty")
		http.Error(w, "an order has a body", http.StatusBadRequest)
		return
	}
	id := orders.insert(string(body), len(body))
	announced := make(chan bool)
	go func() {
		announce(id)
		announced <- true
	}()
	<-announced
	w.Header().Set("X-Order", strconv.Itoa(id))
	w.Header().Set("X-Visitor", request.Header.Get("X-Visitor"))
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, "order %d\n", id)
}

// lookup answers with the order of that number.
func lookup(w http.ResponseWriter, request *http.Request) {
	id, _ := strconv.Atoi(strings.TrimPrefix(request.URL.Path, "/orders/"))
	item, found := orders.find(id)
	if !found {
		http.Error(w, "no such order", http.StatusNotFound)
		return
	}
	fmt.Fprintln(w, item)
}

// both waits for left and right, which run at the same time.
func both(w http.ResponseWriter, _ *http.Request) {
	var group sync.WaitGroup
	group.Add(2)
	go func() { defer group.Done(); left(1) }()
	go func() { defer group.Done(); right(2) }()
	group.Wait()
	announce(0)
	fmt.Fprintln(w, "both")
}

// retry asks the site, three times at most.
func retry(w http.ResponseWriter, _ *http.Request) {
	for n := 1; n <= 3; n++ {
		if attempt(n) == http.StatusOK {
			fmt.Fprintln(w, "attempts:", n)
			return
		}
	}
	http.Error(w, "the site does not answer", http.StatusBadGateway)
}

// slow takes the milliseconds that it is told.
func slow(w http.ResponseWriter, request *http.Request) {
	ms, _ := strconv.Atoi(request.URL.Query().Get("ms"))
	rest(ms)
	fmt.Fprintln(w, "slow")
}

func (s *store) insert(item string, qty int) int {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.items = append(s.items, item)
	return len(s.items)
}

func (s *store) find(id int) (string, bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if id < 1 || id > len(s.items) {
		return "", false
	}
	return s.items[id-1], true
}

// attempt gives the site's status, 0 if there is none.
func attempt(n int) int {
	response, err := client.Get(*site)
	if err != nil {
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}

func receive(method, kind, body string) {}

func valid(body string) bool { return body != "" }

func audit(why string) {}

func announce(id int) {}

func left(n int) {}

func right(n int) {}

func rest(ms int) { time.Sleep(time.Duration(ms) * time.Millisecond) }

// double is small enough to be inlined.
func double(n int) int { return 2 * n }

// dropped is called by nobody.
func dropped() {}

var _ = double(1)

func init() { http.HandleFunc("/kept", kept) }

// kept asks the site over a connection that is kept open.
func kept(w http.ResponseWriter, _ *http.Request) {
	response, err := http.Get(*site)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer response.Body.Close()
	io.Copy(w, response.Body)
}

// What is ordered may be said in the environment, too.
func init() {
	if item := os.Getenv("ITEM"); item != "" {
		flag.Set("item", item)
	}
}
