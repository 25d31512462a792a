package shop

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"goproctor.test/gotest/account"
)

// A Server is the shop on the web. A request says in its header which test it belongs to.
type Server struct {
	later sync.WaitGroup
}

// ServeHTTP answers a request. It is not watched.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	who := r.Header.Get("X-Who")
	run, err := strconv.Atoi(r.Header.Get("X-Run"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	status := Handle(who, run, account.Next(), r.URL.Path)
	switch r.URL.Path {
	case "/old":
		http.Redirect(w, r, "/new", status)
		return
	case "/spawn":
		// A goroutine that ends before the answer is given.
		done := make(chan int)
		go Notify(who, run, account.Next(), done)
		<-done
	case "/leave":
		// A goroutine that goes on after it, when the connection may serve another test.
		s.later.Add(1)
		go func() {
			defer s.later.Done()
			time.Sleep(2 * time.Millisecond)
			Publish(who, run, account.Next(), "later")
		}()
	}
	w.WriteHeader(status)
}

// Wait waits for what goes on after answers.
func (s *Server) Wait() { s.later.Wait() }

// Handle does what a path asks for, and gives the status to answer.
func Handle(who string, run, n int, path string) int {
	account.Call("shop.Handle", who, run, n)
	switch path {
	case "/checkout":
		if _, err := Checkout(who, run, account.Next(), 1); err != nil {
			return http.StatusBadRequest
		}
	case "/slow":
		Ship(who, run, account.Next(), 3*time.Millisecond)
	case "/old":
		return http.StatusFound
	}
	return http.StatusOK
}
