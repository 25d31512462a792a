// Copies calls a small function in two ways: directly, where the compiler puts a copy of it, and by a variable.
package main

import (
	"fmt"
	"os"
)

func small(n int) int {
	if n > len(os.Args) {
		n -= 7
	}
	return n * n
}

// byName can't be known to the compiler.
var byName = map[string]func(int) int{"small": small}

//go:noinline
func direct(n int) int {
	return small(n) ^ small(n+5)
}

//go:noinline
func indirect(n int) int {
	return byName["small"](n)
}

func main() {
	fmt.Println(direct(1), indirect(2))
}
