package drive

import (
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"goproctor.test/base/torture/disturb"
	"goproctor.test/base/torture/tally"
)

var (
	length  = flag.Duration("for", 10*time.Second, "how long to call")
	rate    = flag.Float64("rate", 10000, "how many calls to make in a second, at most")
	signals = flag.Int("signals", 10000, "how many signals to send in a second")
	calm    = flag.Bool("calm", false, "call without any disturbance")
	traces  = flag.Bool("traces", true, "trace the execution, too")
	frames  = flag.Bool("frames", false, "call nothing but the functions with frames of all sizes")
)

// Log is where the account goes, besides the standard output.
var Log = flag.String("log", "", "the `file` to write the account to")

// maxQuiet is how long calls that are under way may take to end.
const maxQuiet = time.Minute

// All does all tasks, and others besides, and ends with the account of all calls.
func All(others ...func(w *Worker)) {
	before := runtime.NumGoroutine()
	storm := new(disturb.Storm)
	if !*calm {
		storm = disturb.All(*signals, *traces)
	}
	var over int32
	var done sync.WaitGroup
	pace := tally.NewPace(*rate)
	if *frames {
		tasks = []func(w *Worker){(*Worker).frames, (*Worker).frames, (*Worker).frames, (*Worker).frames}
	}
	for number, task := range append(others, tasks...) {
		w := NewWorker(number, pace)
		task := task
		done.Add(1)
		go func() {
			defer done.Done()
			for atomic.LoadInt32(&over) == 0 {
				w.pace.Keep()
				task(w)
			}
			w.checkAll()
			w.group.Wait()
		}()
	}
	time.Sleep(*length)
	atomic.StoreInt32(&over, 1)
	done.Wait()
	storm.End()
	quiet(before)
	account(storm)
}

// quiet waits until all goroutines have ended, and all finalizers have run.
func quiet(before int) {
	until := time.Now().Add(maxQuiet)
	for runtime.NumGoroutine() > before || atomic.LoadInt64(&finalizers) > 0 {
		if time.Now().After(until) {
			more := runtime.NumGoroutine() - before
			tally.Wrong("%d goroutines have not ended, %d finalizers have not run", more, atomic.LoadInt64(&finalizers))
			return
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
}

func account(storm *disturb.Storm) {
	var text strings.Builder
	wrong, told := tally.Write(&text)
	storm.Write(&text)
	fmt.Fprintln(&text, "wrong", wrong)
	fmt.Print(text.String())
	if *Log != "" {
		if err := write(*Log, text.String()+strings.Join(told, "\n")); err != nil {
			log.Fatal(err)
		}
	}
	if wrong > 0 {
		for _, mistake := range told {
			fmt.Fprintln(os.Stderr, mistake)
		}
		os.Exit(1)
	}
}

func write(path, text string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := file.WriteString(text); err != nil {
		return err
	}
	return file.Close()
}
