// Hello greets who it is told to.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Println(greet(os.Args[1]))
}

func greet(name string) string {
	return "hello " + trim(name)
}

func trim(name string) string {
	return name
}
