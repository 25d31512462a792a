// Package account lets watched functions write down which Go test each of their calls belongs to. The tests hand their
// names to what they call, so that whoever attributes calls to tests by other means must come to the same.
//
// A line is a call: the process, the function as its symbol ends, the full name of the test, fuzz test, example or
// benchmark (empty if the call belongs to none), which run of that name in the process it is (from 1 on; 0 without a
// name), and a number that no other call of the process has.
//
// A run is one of the function that is tested: with -count=2 a test has two, and a benchmark has one for each b.N that
// it is tried with. The bubble of a test is part of the test's run.
package account

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
)

// Variable is the environment variable that names the file. Without it, nothing is written.
const Variable = "GOPROCTOR_TEST_ACCOUNT"

var (
	opened sync.Once
	file   *os.File

	number int64

	counting sync.Mutex
	runs     = map[string]int{}
)

// Call writes down a call. It is the first that a watched function does.
func Call(function, who string, run, n int) {
	opened.Do(open)
	if file == nil {
		return
	}
	// One write, which O_APPEND keeps apart from those of other goroutines and processes.
	line := fmt.Sprintf("%d\t%s\t%s\t%d\t%d\n", os.Getpid(), function, who, run, n)
	if _, err := file.WriteString(line); err != nil {
		panic(err)
	}
}

func open() {
	name := os.Getenv(Variable)
	if name == "" {
		return
	}
	var err error
	if file, err = os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err != nil {
		panic(err)
	}
}

// Next gives a number that it has not given before in this process.
func Next() int { return int(atomic.AddInt64(&number, 1)) }

// Run begins a run of a name, and says which one it is.
func Run(name string) int {
	counting.Lock()
	defer counting.Unlock()
	runs[name]++
	return runs[name]
}

// Begin begins a run of a test, fuzz test or benchmark. It is the first that one does.
func Begin(test interface{ Name() string }) (who string, run int) {
	return test.Name(), Run(test.Name())
}
