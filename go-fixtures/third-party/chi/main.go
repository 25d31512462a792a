// Command chi answers trivial requests with a chi router, asks itself for many of them, and says what one takes.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/go-chi/chi/v5"
)

// clients is how many ask at the same time.
const clients = 8

type shop struct{ names map[string]string }

//go:noinline
func (s *shop) find(id string) (string, bool) {
	name, ok := s.names[id]
	return name, ok
}

//go:noinline
func (s *shop) greet(w http.ResponseWriter, r *http.Request) {
	name, ok := s.find(parameter(r, "id"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	render(w, greeting(name))
}

//go:noinline
func parameter(r *http.Request, name string) string { return chi.URLParam(r, name) }

//go:noinline
func greeting(name string) string { return "hello, " + capital(name) }

//go:noinline
func capital(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

//go:noinline
func render(w io.Writer, text string) {
	if _, err := io.WriteString(w, text); err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
	}
}

//go:noinline
func allowed(r *http.Request) bool { return r.Method == http.MethodGet }

//go:noinline
func stamp(h http.Header, n int) { h.Set("X-Length", fmt.Sprint(n)) }

func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !allowed(r) {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func stamped(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stamp(w.Header(), len(r.URL.Path))
		next.ServeHTTP(w, r)
	})
}

func router() http.Handler {
	s := &shop{names: map[string]string{"1": "ada", "2": "grace", "3": "barbara"}}
	users := chi.NewRouter()
	users.Get("/{id}", s.greet)
	r := chi.NewRouter()
	r.Use(guard, stamped)
	r.Mount("/users", users)
	return r
}

// ask sends so many requests, one after the other.
func ask(client *http.Client, address string, first, step, end int) {
	for n := first; n < end; n += step {
		response, err := client.Get(fmt.Sprintf("http://%s/users/%d", address, n%3+1))
		if err != nil {
			fmt.Fprintln(os.Stderr, "ask:", err)
			os.Exit(1)
		}
		if response.StatusCode != http.StatusOK {
			fmt.Fprintln(os.Stderr, "ask:", response.Status)
			os.Exit(1)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
}

// cpu is the time that the process has run on any processor.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fmt.Fprintln(os.Stderr, "getrusage:", err)
		os.Exit(1)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func main() {
	calls := flag.Int("calls", 8000, "how many requests to send")
	wait := flag.Bool("wait", false, "wait for a line on the standard input first")
	flag.Parse()
	if *wait {
		if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
			fmt.Fprintln(os.Stderr, "wait:", err)
			os.Exit(1)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "listen:", err)
		os.Exit(1)
	}
	go http.Serve(listener, router())
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	begin, busy := time.Now(), cpu()
	var group sync.WaitGroup
	for first := range clients {
		group.Add(1)
		go func() {
			defer group.Done()
			ask(client, listener.Addr().String(), first, clients, *calls)
		}()
	}
	group.Wait()
	fmt.Println("wall", float64(time.Since(begin).Nanoseconds())/float64(*calls))
	fmt.Println("cpu", float64((cpu()-busy).Nanoseconds())/float64(*calls))
}
