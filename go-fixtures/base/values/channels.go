package main

import (
	"goproctor.test/base/values/account"
	"goproctor.test/base/values/kinds"
)

// channels calls functions with channels: nil, empty, with elements, full, drained, closed.
func channels(a *account.Account) {
	words := make(chan string, 3)
	words <- "one"
	words <- "two"
	<-words
	closed := make(chan int, 2)
	closed <- 1
	close(closed)
	a.Call(kinds.Receive, nil, nil, nil)
	a.Call(kinds.Receive, make(chan int), words, make(chan kinds.Point, 1))
	a.Call(kinds.Receive, closed, make(chan string), nil)
	a.Call(kinds.Made, 0, 0)
	a.Call(kinds.Made, 3, 3)
	a.Call(kinds.Made, 100, 1000)
	feed := make(chan chan int, 1)
	feed <- closed
	a.Call(kinds.Start, &kinds.Worker{Quit: make(chan struct{}), Feed: feed})
}
