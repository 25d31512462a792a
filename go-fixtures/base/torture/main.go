// Torture calls functions of many shapes while all happens to the program that makes the runtime look at stacks and stop threads
// wherever they are: memory is collected without end, goroutines are preempted, profiled and traced, stacks grow and shrink at
// each call, calls panic, recover and end their goroutines. It checks all results, tells the calls apart that came back and those
// that did not, and ends with its own account. With -mode=crash it ends by a panic under many frames.
package main

import (
	"flag"
	"log"
	"os"
	"runtime/debug"
	"sync"
	"syscall"

	"goproctor.test/base/torture/drive"
	"goproctor.test/base/torture/tally"
	"goproctor.test/base/torture/work"
)

var mode = flag.String("mode", "all", "all, or crash, which writes the traceback to the file of -log")

func main() {
	flag.Parse()
	switch *mode {
	case "all":
		drive.All()
	case "crash":
		crash()
	default:
		log.Fatalf("-mode is %q", *mode)
	}
}

// Frames of a crash.
const (
	parked      = 4 // goroutines
	parkedDepth = 12
	crashDepth  = 30
)

// crash panics while goroutines are within calls.
func crash() {
	debug.SetTraceback("system")
	if *drive.Log != "" {
		file, err := os.Create(*drive.Log)
		if err != nil {
			log.Fatal(err)
		}
		if err := syscall.Dup3(int(file.Fd()), 2, 0); err != nil {
			log.Fatal(err)
		}
	}
	var waiting sync.WaitGroup
	waiting.Add(parked)
	for i := 0; i < parked; i++ {
		go func() {
			tally.Parked.Enter()
			work.Parked(parkedDepth, waiting.Done)
		}()
	}
	waiting.Wait()
	for i := 0; i < 100; i++ {
		drive.NewWorker(i, nil).Guard()
	}
	tally.Crash.Enter()
	work.Crash(crashDepth)
}
