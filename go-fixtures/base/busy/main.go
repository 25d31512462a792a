// Busy makes calls and goroutines without end, as fast as it can, until it is killed.
package main

import (
	"fmt"
	"runtime"
	"strings"
)

//go:noinline
func take(name string, list []string, n int) string {
	return name + list[n%len(list)]
}

//go:noinline
func serve(n int, list []string, done chan bool) {
	for i := 0; i < 20; i++ {
		take("name", list, n+i)
	}
	done <- true
}

func work() {
	list := make([]string, 16)
	for i := range list {
		list[i] = strings.Repeat(fmt.Sprint(i%10), 100)
	}
	done := make(chan bool)
	for n := 0; ; n++ {
		go serve(n, list, done)
		<-done
	}
}

func main() {
	for i := 1; i < 2*runtime.NumCPU(); i++ {
		go work()
	}
	fmt.Println("ready")
	work()
}
