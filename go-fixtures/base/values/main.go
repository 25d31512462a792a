// Values calls hundreds of functions with values of every kind, and writes down by its own reflection what each call
// was given and gave back. Whoever watches the functions of package kinds must see the same.
package main

//go:generate go run ./generate

import (
	"flag"
	"log"

	"goproctor.test/base/values/account"
)

var file = flag.String("log", "", "the `file` to write the calls to, instead of the standard output")

// anchor is what pointers point to.
var anchor, sealed = 99, "sealed"

// buffered returns a channel that holds some elements.
func buffered(elements, capacity int) chan int {
	c := make(chan int, capacity)
	for i := 0; i < elements; i++ {
		c <- i
	}
	return c
}

func main() {
	flag.Parse()
	a, err := account.Open(*file)
	if err != nil {
		log.Fatal(err)
	}
	for _, call := range families {
		call(a)
	}
	for _, call := range subjects {
		call(a)
	}
	if err := a.Close(); err != nil {
		log.Fatal(err)
	}
}
