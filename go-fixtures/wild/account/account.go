// Package account writes down what the program calls.
package account

import (
	"bufio"
	"fmt"
	"os"
)

var file *bufio.Writer
var opened *os.File

// Call notes a call of a function by its name in the source, and its argument n.
//
//go:noinline
func Call(name string, n int) {
	if file == nil {
		var err error
		if opened, err = os.Create(os.Args[1]); err != nil {
			panic(err)
		}
		file = bufio.NewWriter(opened)
	}
	fmt.Fprintln(file, name, n)
}

// Close writes what is noted.
func Close() {
	if err := file.Flush(); err != nil {
		panic(err)
	}
	if err := opened.Close(); err != nil {
		panic(err)
	}
}
