// Pool is a server whose handlers hand their work to goroutines that no request created. It writes down which request
// each piece of work was for, and which goroutine did it.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"

	"goproctor.test/base/goroutine"
)

var (
	listen  = flag.String("listen", "127.0.0.1:8080", "the `address` to serve on")
	logFile = flag.String("log", "pool.log", "the `file` that GET /log writes to")
	workers = flag.Int("workers", 4, "how many goroutines each pool has")
)

// A job is handed over by its address. Done jobs are used again, so that addresses are.
type job struct {
	request, part int
	done          *sync.WaitGroup
}

var (
	jobs    = make(chan *job, 64)
	orders  = make(chan order, 64)
	tickets = make(chan ticket, 64)
	idle    = sync.Pool{New: func() interface{} { return new(job) }}
	sold    struct {
		sync.Mutex
		number int
	}
)

// An order is handed over by its name.
type order struct {
	name    string
	request int
	done    *sync.WaitGroup
}

// A ticket is handed over by its number, which is known when it has been sold.
type ticket struct {
	number, request int
	done            *sync.WaitGroup
}

func main() {
	flag.Parse()
	for i := 0; i < *workers; i++ {
		go func() {
			for j := range jobs {
				process(j)
			}
		}()
		go func() {
			for o := range orders {
				fulfil(o.name, o.request)
				o.done.Done()
			}
		}()
		go func() {
			for t := range tickets {
				admit(t.number, t.request)
				t.done.Done()
			}
		}()
	}
	http.HandleFunc("/work", work)
	http.HandleFunc("/log", writeLog)
	log.Fatal(http.ListenAndServe(*listen, nil))
}

// work has three jobs, an order and a ticket for each request. Of the jobs, the last is not waited for.
func work(w http.ResponseWriter, r *http.Request) {
	request, err := strconv.Atoi(r.FormValue("request"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var done sync.WaitGroup
	done.Add(4)
	for part := 0; part < 3; part++ {
		j := idle.Get().(*job)
		*j = job{request: request, part: part}
		if part < 2 {
			j.done = &done
		}
		submit(j)
	}
	place(fmt.Sprintf("an order whose name is longer than what is read of texts by default, and which ends with its number: %d", request), request, &done)
	number := buy(request)
	tickets <- ticket{number, request, &done}
	done.Wait()
	fmt.Fprintln(w, request)
}

func submit(j *job) { jobs <- j }

func process(j *job) {
	step(j.request, j.part)
	if j.part == 1 {
		ended := make(chan bool)
		go func(request int) {
			step(request, 3)
			close(ended)
		}(j.request)
		<-ended
	}
	// Nobody may have it before it is done, and known to be.
	done := j.done
	idle.Put(j)
	if done != nil {
		done.Done()
	}
}

func place(name string, request int, done *sync.WaitGroup) { orders <- order{name, request, done} }

func fulfil(name string, request int) { step(request, 4) }

func buy(request int) int {
	sold.Lock()
	defer sold.Unlock()
	sold.number++
	return sold.number
}

func admit(number, request int) { step(request, 5) }

// A line of the log.
type line struct {
	goid          uint64
	request, part int
}

var written struct {
	sync.Mutex
	lines []line
}

// step is what a request's work is made of.
func step(request, part int) {
	runtime.Gosched()
	written.Lock()
	defer written.Unlock()
	written.lines = append(written.lines, line{goroutine.ID(), request, part})
}

func writeLog(w http.ResponseWriter, r *http.Request) {
	written.Lock()
	defer written.Unlock()
	file, err := os.Create(*logFile)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	for _, line := range written.lines {
		fmt.Fprintln(file, line.goid, line.request, line.part)
	}
	if err := file.Close(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
