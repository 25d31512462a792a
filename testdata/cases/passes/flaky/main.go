// Starts counts how often it was started in its folder.
package main

import (
	"os"
	"strconv"
)

const file = "starts"

func main() {
	work(count())
}

// count counts a start.
func count() int {
	text, _ := os.ReadFile(file)
	n, _ := strconv.Atoi(string(text))
	n++
	if err := os.WriteFile(file, []byte(strconv.Itoa(n)), 0o644); err != nil {
		panic(err)
	}
	return n
}

// work is given the number of the start.
func work(n int) {}
