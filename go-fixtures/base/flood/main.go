// Flood makes calls faster than anybody can take them in: first a few that are far apart, then many at once with much
// to read. How many of each it made it writes down.
package main

import (
	"flag"
	"fmt"
	"io/ioutil"
	"os"
	"strings"
	"sync"
	"time"
)

//go:noinline
func Quiet(n int) int {
	return n + 1
}

//go:noinline
func Take(list []string, n int) int {
	return len(list) + n
}

func main() {
	calls := flag.Int("calls", 1000, "calls of Take by each goroutine")
	goroutines := flag.Int("goroutines", 4, "goroutines")
	path := flag.String("log", "", "where to write how many calls were made")
	flag.Parse()

	quiet := 0
	for i := 0; i < 5; i++ {
		Quiet(i)
		quiet++
		time.Sleep(2 * time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)

	list := make([]string, 48)
	for i := range list {
		list[i] = strings.Repeat(fmt.Sprint(i%10), 200)
	}
	var all sync.WaitGroup
	made := make([]int, *goroutines)
	for g := range made {
		all.Add(1)
		go func(g int) {
			defer all.Done()
			for i := 0; i < *calls; i++ {
				Take(list, i)
				made[g]++
			}
		}(g)
	}
	all.Wait()
	taken := 0
	for _, n := range made {
		taken += n
	}
	text := fmt.Sprintf("{\"quiet\": %d, \"taken\": %d}\n", quiet, taken)
	if err := ioutil.WriteFile(*path, []byte(text), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
