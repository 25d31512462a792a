// Package journal writes down how the calls of a goroutine end, by the program's own account.
//
// The caller notes a call before and after it is made, and a deferred function that it has recovered; nothing of that
// is done by the functions themselves on their way. What follows from it is what Go's specification says:
//
//   - a call whose caller went on has returned, or has recovered if one of its own deferred functions got a panic;
//   - calls that were open when one further out went on were left by a panic;
//   - what is open when the goroutine ends was ended by Goexit, and what is open when the process ends, by that.
package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"sync"

	"goproctor.test/base/goroutine"
)

// A Record is one call: a line of the log.
type Record struct {
	Case      string `json:"case"`
	Goroutine uint64 `json:"goroutine"`
	Function  string `json:"function"` // without its package
	ID        int    `json:"id"`       // the argument of that name
	Outcome   string `json:"outcome"`
	Result    *int   `json:"result"` // of a call that returned or recovered
}

// Outcomes of a call.
const (
	Returned     = "returned"
	Panicked     = "panicked"
	Recovered    = "recovered"
	Goexit       = "goexit"
	Running      = "running"
	ProcessEnded = "process_ended"
)

var all struct {
	sync.Mutex
	next     int
	journals []*Journal
}

// A Journal holds the calls of one goroutine.
type Journal struct {
	name      string
	goroutine uint64
	mutex     sync.Mutex
	records   []*Record
	open      []frame
	exits     []int // how many calls were open when Goexit was called, for each time
}

type frame struct {
	record     *Record
	recovering bool
}

// New returns a journal of the calling goroutine, for a case of that name.
func New(name string) *Journal {
	j := &Journal{name: name, goroutine: goroutine.ID()}
	all.Lock()
	defer all.Unlock()
	all.journals = append(all.journals, j)
	return j
}

// ID returns an id for a call.
func ID() int {
	all.Lock()
	defer all.Unlock()
	all.next++
	return all.next
}

// Enter notes that a function is about to be called, and returns the call's id.
func (j *Journal) Enter(function string) int {
	id := ID()
	j.Begin(id, function)
	return id
}

// Begin notes that a call with that id begins.
func (j *Journal) Begin(id int, function string) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	record := &Record{Case: j.name, Goroutine: j.goroutine, Function: function, ID: id}
	j.records = append(j.records, record)
	j.open = append(j.open, frame{record: record})
}

// Leave notes that a call has come back to its caller, with that result.
func (j *Journal) Leave(id, result int) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	index := j.find(id)
	j.end(index+1, Panicked)
	left := j.open[index]
	left.record.Outcome = Returned
	if left.recovering {
		left.record.Outcome = Recovered
	}
	left.record.Result = &result
	j.open = j.open[:index]
}

// Recovered notes that a function which that call deferred has recovered a panic.
func (j *Journal) Recovered(id int) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	index := j.find(id)
	j.open[index].recovering = true
	j.pastExit(index + 1)
}

// Resumed notes that further deferred functions of that call run after one that may have recovered a panic.
func (j *Journal) Resumed(id int) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.end(j.find(id)+1, Panicked)
}

// pastExit ends the calls that a pending Goexit had made by its deferred functions, if the recovering one is among the
// outer calls: no recovery leads past a Goexit, which goes on where it is.
func (j *Journal) pastExit(outer int) bool {
	n := len(j.exits)
	if n == 0 || j.exits[n-1] < outer {
		return false
	}
	j.end(j.exits[n-1], Panicked)
	return true
}

// Try calls a function and recovers its panic, for a caller that is not watched.
func (j *Journal) Try(body func()) (recovered bool) {
	outer := len(j.open)
	fine := false
	defer func() {
		if fine {
			return
		}
		// Without a Goexit it was panic(nil).
		if recover() == nil && len(j.exits) > 0 {
			return
		}
		recovered = true
		j.mutex.Lock()
		defer j.mutex.Unlock()
		if !j.pastExit(outer) {
			j.end(outer, Panicked)
		}
	}()
	body()
	fine = true
	return false
}

// Exit ends the goroutine.
func (j *Journal) Exit() {
	j.mutex.Lock()
	j.exits = append(j.exits, len(j.open))
	j.mutex.Unlock()
	runtime.Goexit()
}

// Go runs a case in a goroutine of its own and waits until that has ended.
func Go(name string, body func(*Journal)) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		New(name).run(body)
	}()
	<-done
}

func (j *Journal) run(body func(*Journal)) {
	finished := false
	defer func() {
		if finished {
			return
		}
		j.Exited()
	}()
	body(j)
	finished = true
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if len(j.open) > 0 {
		panic(fmt.Sprintf("%s: %d calls have neither returned nor panicked", j.name, len(j.open)))
	}
}

// Exited notes that what is open ends with the goroutine, by Goexit.
func (j *Journal) Exited() {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.end(0, Goexit)
}

// Panicked notes that what is open was left by a panic, which a caller of the goroutine's first noted call recovers.
func (j *Journal) Panicked() {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.end(0, Panicked)
}

// Tell calls a function of somebody else that recovers panics of what is called from there, and returns.
func (j *Journal) Tell(body func()) {
	outer := len(j.open)
	body()
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.end(outer, Panicked)
}

// Crash notes that a panic of this goroutine, which nobody recovers, ends the process, and writes the log.
func (j *Journal) Crash(path string) {
	j.mutex.Lock()
	j.end(0, Panicked)
	j.mutex.Unlock()
	Write(path, ProcessEnded)
}

// end gives all open calls but the outermost ones an outcome.
func (j *Journal) end(outer int, outcome string) {
	for _, left := range j.open[outer:] {
		left.record.Outcome = outcome
	}
	j.open = j.open[:outer]
}

func (j *Journal) find(id int) int {
	for index := range j.open {
		if j.open[index].record.ID == id {
			return index
		}
	}
	panic(fmt.Sprintf("%s: call %d is not open", j.name, id))
}

// Write writes all journals to a file, a JSON object a line. What is open gets an outcome there.
func Write(path, open string) {
	all.Lock()
	defer all.Unlock()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	for _, j := range all.journals {
		j.mutex.Lock()
		for _, record := range j.records {
			told := *record
			if told.Outcome == "" {
				told.Outcome = open
			}
			if err := encoder.Encode(told); err != nil {
				panic(err)
			}
		}
		j.mutex.Unlock()
	}
	file, err := os.Create(path)
	if err == nil {
		_, err = file.Write(text.Bytes())
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}
