// Older is a program whose goroutines are there before anybody watches it. It writes a line for each of them, then
// works until its input ends; whoever writes a line gets it back, so that one can see that it goes on.
package main

import (
	"bufio"
	"fmt"
	"os"
	"sync"
	"time"

	"goproctor.test/base/goroutine"
)

const workers = 3

//go:noinline
func tick(goroutine int) int {
	return goroutine + 1
}

//go:noinline
func answer(line string) string {
	return line
}

func work(id int) {
	for {
		tick(id)
		time.Sleep(5 * time.Millisecond)
	}
}

func worker(parent int, told *sync.WaitGroup) {
	id := int(goroutine.ID())
	fmt.Println(id, parent, "main.worker")
	go func() {
		child := int(goroutine.ID())
		fmt.Println(child, id, "main.worker.func1")
		told.Done()
		work(child)
	}()
	work(id)
}

func main() {
	var told sync.WaitGroup
	told.Add(workers)
	for i := 0; i < workers; i++ {
		go worker(int(goroutine.ID()), &told)
	}
	told.Wait()
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(lines.Text()))
	}
}
