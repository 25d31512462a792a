// Command hits calls one function many times, and says what a call takes.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"syscall"
	"time"
)

//go:noinline
func next(n int) int { return n + 1 }

// watched is what probes are set on. It calls another function, so that it has a frame as most functions have.
//
//go:noinline
func watched(name string, a, b int) int { return next(a) + next(b) + len(name) }

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
	calls := flag.Int("calls", 200000, "how often to call")
	rate := flag.Int("rate", 0, "how often a second; 0 for as often as can be")
	wait := flag.Bool("wait", false, "wait for a line on the standard input first")
	flag.Parse()
	if *wait {
		if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
			fmt.Fprintln(os.Stderr, "wait:", err)
			os.Exit(1)
		}
	}
	names := []string{"a name", "another name", "GopherCon Russia 2020"}
	sum := 0
	// A millisecond's at a time, at least twenty: a sleep is not as short as the time between two calls.
	batch := 20
	if *rate > 20000 {
		batch = *rate / 1000
	}
	begin, before := time.Now(), cpu()
	for i := 0; i < *calls; i++ {
		if *rate > 0 && i%batch == 0 {
			due := begin.Add(time.Duration(i) * time.Second / time.Duration(*rate))
			time.Sleep(time.Until(due))
		}
		sum += watched(names[i%len(names)], i, 2020)
	}
	wall, busy := time.Since(begin), cpu()-before
	each := func(all time.Duration) float64 { return float64(all.Nanoseconds()) / float64(*calls) }
	fmt.Printf("sum %d\nwall %.1f\ncpu %.1f\n", sum, each(wall), each(busy))
}
