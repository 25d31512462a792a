// Storm is a server whose every request makes calls from three goroutines and a timer's, many requests at a time, while
// memory is collected, goroutines are preempted and locked to threads, stacks grow to megabytes and shrink, calls panic,
// recover and end their goroutines. It writes down every call and what is true of it.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand"
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"goproctor.test/base/goroutine"
	"goproctor.test/base/journal"
	"goproctor.test/base/storm/work"
)

var (
	listen   = flag.String("listen", "127.0.0.1:8080", "the `address` to serve on")
	logFile  = flag.String("log", "storm.log", "the `file` that GET /log writes the calls to")
	requests = flag.Int("requests", 400, "how many requests there will be, with the ids from 0")
	together = flag.Int("together", 200, "how many requests wait for each other before they begin")
	calls    = flag.Int("calls", 400, "how many calls each goroutine makes, at least")
	deep     = flag.Int("deep", 700, "how many frames of 4 KiB a deep descent has")
)

// Runs of a request.
const (
	handler = iota
	first
	second
	timer
	runs
)

// rounds is how often a token goes round the goroutines of a request.
const rounds = 6

func main() {
	flag.Parse()
	journal.Reserve(*requests * runs)
	debug.SetGCPercent(50)
	go disturb()
	server := &server{gate: gate{size: *together, open: make(chan struct{})}, goid: goroutine.ID()}
	http.HandleFunc("/storm", server.storm)
	http.HandleFunc("/log", server.log)
	log.Fatal(http.ListenAndServe(*listen, nil))
}

// disturb collects memory again and again.
func disturb() {
	for range time.Tick(40 * time.Millisecond) {
		runtime.GC()
	}
}

// A gate lets goroutines through when so many stand before it.
type gate struct {
	size    int
	lock    sync.Mutex
	waiting int
	open    chan struct{}
}

func (g *gate) pass() {
	g.lock.Lock()
	g.waiting++
	open := g.open
	if g.waiting == g.size {
		close(open)
		g.waiting, g.open = 0, make(chan struct{})
	}
	g.lock.Unlock()
	<-open
}

type server struct {
	gate gate
	goid uint64 // of the goroutine that accepts connections
	busy sync.WaitGroup
}

// log waits until all goroutines have ended what they do, and writes down what they did.
func (s *server) log(w http.ResponseWriter, _ *http.Request) {
	s.busy.Wait()
	for timersRun() {
		time.Sleep(time.Millisecond)
	}
	made, err := journal.Write(*logFile, work.Functions)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, made)
}

// timersRun says whether a goroutine that a timer started has not ended. No request owns it, so that nobody waits for it.
func timersRun() bool {
	stacks := make([]byte, 8<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return bytes.Contains(stacks, []byte("created by time.goFunc"))
}

// A weather is what the goroutines of one request share.
type weather struct {
	id     int
	tokens [3]chan int
	ended  context.Context
	// What the handler waits for.
	awaited sync.WaitGroup
}

func (s *server) storm(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.URL.Query().Get("id"))
	if err != nil || id < 0 || id >= *requests {
		http.Error(w, "which request?", http.StatusBadRequest)
		return
	}
	s.busy.Add(runs)
	s.gate.pass()
	ended, end := context.WithCancel(r.Context())
	weather := &weather{id: id, ended: ended}
	for i := range weather.tokens {
		weather.tokens[i] = make(chan int)
	}
	j := journal.Root(id*runs+handler, id, s.goid)
	j.Ended = s.busy.Done
	defer j.Finish()
	j.Body = func() { weather.handle(j, end) }
	number, text := work.Handle(id*runs+handler, id, r.URL.RawQuery)
	fmt.Fprintln(w, number, text)
}

func (w *weather) random(run int) *rand.Rand {
	return rand.New(rand.NewSource(int64(w.id*runs + run)))
}

// handle is what the handler's goroutine does within its first call.
func (w *weather) handle(j *journal.Journal, end context.CancelFunc) {
	base := w.id * runs
	random := w.random(handler)
	waits := w.id%2 == 0
	if waits {
		w.awaited.Add(1)
	}
	j.Bodies = map[int]func(){
		base + first: func() {
			if waits {
				defer w.awaited.Done()
			}
			w.first(journal.Of(base + first))
		},
	}
	work.Spawn(base+handler, base+first)
	if !w.nested() {
		w.awaited.Add(1)
		j.Child(base + second).Body = func() { w.second(journal.Of(base + second)) }
		go work.Worker(base+second, w.id)
	}
	labour(j, random, *calls/2)
	w.tokens[0] <- w.id
	for round := 1; round <= rounds; round++ {
		token := <-w.tokens[2]
		work.Pass(base+handler, token, text(random))
		if round < rounds {
			w.tokens[0] <- token + 1
		}
	}
	late := j.Timer(base + timer)
	time.AfterFunc(time.Duration(random.Intn(3000))*time.Microsecond, func() {
		late.Here()
		defer late.Finish()
		work.Late(base+timer, w.id)
		labour(late, w.random(timer), 20)
	})
	labour(j, random, *calls)
	end()
	w.awaited.Wait()
	if w.id%50 == 7 {
		j.Panics()
		panic(http.ErrAbortHandler)
	}
}

// nested says whether the second goroutine is started by the first, not by the handler.
func (w *weather) nested() bool { return w.id%3 == 1 }

// first waits for the handler's end before its own; the handler may or may not wait for that.
func (w *weather) first(j *journal.Journal) {
	base := w.id * runs
	random := w.random(first)
	if w.nested() {
		w.awaited.Add(1)
		j.Bodies = map[int]func(){base + second: func() { w.second(journal.Of(base + second)) }}
		work.Spawn(base+first, base+second)
	}
	labour(j, random, *calls/3)
	w.relay(base+first, random, w.tokens[0], w.tokens[1])
	labour(j, random, *calls)
	for waited := false; !waited; {
		select {
		case <-w.ended.Done():
			waited = true
		case <-time.After(5 * time.Millisecond):
			work.Tick(base + first)
		}
	}
	labour(j, random, j.Len()+10)
	if w.id%8 == 3 {
		work.Tangle(base+first, w.id, 4, text(random))
	}
}

// second is locked to its thread in some requests, and ends by runtime.Goexit in some.
func (w *weather) second(j *journal.Journal) {
	defer w.awaited.Done()
	base := w.id * runs
	random := w.random(second)
	if w.id%5 == 0 {
		runtime.LockOSThread()
	}
	labour(j, random, *calls/4)
	w.relay(base+second, random, w.tokens[1], w.tokens[2])
	labour(j, random, *calls)
	if w.id%4 == 1 {
		work.Quit(base+second, w.id, 12, text(random))
	}
}

// relay hands a token on.
func (w *weather) relay(run int, random *rand.Rand, from <-chan int, to chan<- int) {
	for round := 0; round < rounds; round++ {
		select {
		case token := <-from:
			to <- work.Pass(run, token, text(random))
		case <-w.ended.Done():
			panic("the handler has ended before the token came round")
		}
	}
}

// labour makes calls until there are so many.
func labour(j *journal.Journal, random *rand.Rand, until int) {
	run := j.Run()
	actor := &work.Actor{Run: run, Name: text(random)}
	var acting interface{ Act(int) (int, string) } = struct{ *work.Actor }{actor}
	for j.Len() < until {
		a, b := random.Intn(1000), random.Intn(20)
		switch random.Intn(16) {
		case 0, 1, 2:
			work.Step(run, a, b, text(random))
		case 3:
			work.Ping(run, a, b, text(random))
		case 4:
			acting.Act(a)
		case 5:
			work.Point{Run: run, Along: a}.Move(b)
		case 6:
			work.Guard(run, a, b, text(random))
		case 7:
			work.Deferring(run, a, b, text(random))
		case 8:
			work.Loop(run, a, b/4, text(random))
		case 9:
			work.Descend(run, 0, b, text(random))
		case 10:
			if run%60 == 0 && b == 0 {
				work.Descend(run, *deep/3, *deep, text(random))
			}
		case 11:
			if a < 2 {
				work.Spin(run, a, 20000000)
			}
		case 12:
			runtime.Gosched()
		case 13:
			work.Guard(run, 2*a, b, text(random))
		default:
			work.Echo(run, a, text(random))
		}
	}
}

// text returns a text of 1 to 24 characters, some of which need more than a byte.
func text(random *rand.Rand) string {
	letters := [...]string{"a", "B", "7", "-", "é", "世", "'", "\"", "\\", "🙂"}
	var b strings.Builder
	for n := 1 + random.Intn(24); n > 0; n-- {
		b.WriteString(letters[random.Intn(len(letters))])
	}
	return b.String()
}
