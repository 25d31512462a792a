// Command work does a fixed amount of work again and again, and says how long each time took.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"sync"
	"time"
)

// steps is how many nested calls one piece of work makes.
const steps = 10

//go:noinline
func spin(seed, iterations int) int {
	for i := 0; i < iterations; i++ {
		seed = seed*1664525 + 1013904223
	}
	return seed
}

// step is a nested call that probes are set on.
//
//go:noinline
func step(name string, number, iterations int) int { return spin(number, iterations) + len(name) }

// work is the call whose time is looked at.
//
//go:noinline
func work(name string, iterations int) int {
	sum := 0
	for number := 0; number < steps; number++ {
		sum += step(name, number, iterations/steps)
	}
	return sum
}

// split does the same with four goroutines, for which it waits.
//
//go:noinline
func split(name string, iterations int) int {
	const parts = 4
	var sums [parts]int
	var group sync.WaitGroup
	group.Add(parts)
	for part := 0; part < parts; part++ {
		part := part
		go func() {
			defer group.Done()
			sums[part] = work(name, iterations/parts)
		}()
	}
	group.Wait()
	return sums[0] + sums[1] + sums[2] + sums[3]
}

// calibrated is how many iterations take so long: the least of several tries, so that a moment in which something else ran
// does not count.
func calibrated(length time.Duration) int {
	const tried = 2000000
	least := time.Duration(1 << 62)
	for try := 0; try < 20; try++ {
		begin := time.Now()
		spin(try, tried)
		if took := time.Since(begin); took < least {
			least = took
		}
	}
	return int(float64(tried) * float64(length) / float64(least))
}

// warmUp works for a while, so that neither the start of the process nor a processor that has slept is in what is timed.
func warmUp() {
	for begin := time.Now(); time.Since(begin) < 20*time.Millisecond; {
		spin(1, 100000)
	}
}

func main() {
	calls := flag.Int("calls", 100, "how often to work")
	iterations := flag.Int("iterations", 0, "how much work to do each time")
	length := flag.Duration("calibrate", 0, "say how many iterations take so long, and end")
	parallel := flag.Bool("split", false, "split the work over four goroutines")
	wait := flag.Bool("wait", false, "wait for a line on the standard input first")
	flag.Parse()
	if *length > 0 {
		fmt.Println("iterations", calibrated(*length))
		return
	}
	if *wait {
		if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
			fmt.Fprintln(os.Stderr, "wait:", err)
			os.Exit(1)
		}
	}
	job := work
	if *parallel {
		job = split
	}
	warmUp()
	sum := 0
	took := make([]time.Duration, *calls)
	for i := range took {
		begin := time.Now()
		sum += job("a piece of work", *iterations)
		took[i] = time.Since(begin)
	}
	for _, length := range took {
		fmt.Println("took", length.Nanoseconds())
	}
	fmt.Println("sum", sum)
}
