package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Event is something that happened to a parcel.
type Event struct {
	ID   int
	Text string
	At   *Address
}

// track passes events through stages, a goroutine each: those that read begin before those that write.
func track(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
	defer cancel()
	raw, kept := make(chan Event), make(chan Event)
	texts := make(chan string)
	go render(kept, texts)
	go filter(raw, kept)
	go source(ctx, raw)
	for text := range texts {
		show(w, text)
	}
	finish(w)
}

func source(ctx context.Context, out chan<- Event) {
	defer close(out)
	for id := 1; id <= 4; id++ {
		event := makeEvent(id)
		out <- event
	}
}

func makeEvent(id int) Event {
	event := Event{ID: id, Text: fmt.Sprint("event ", id)}
	if id%2 == 0 {
		event.At = &Address{City: "Rome", Zone: id}
	}
	return event
}

func filter(in <-chan Event, out chan<- Event) {
	defer close(out)
	for event := range in {
		if keeps(event) {
			out <- event
		}
	}
}

func keeps(event Event) bool {
	return event.ID != 3
}

func render(in <-chan Event, out chan<- string) {
	defer close(out)
	for event := range in {
		out <- textOf(event)
	}
}

func textOf(event Event) string {
	if event.At == nil {
		return event.Text
	}
	return event.Text + " in " + event.At.City
}

func show(w http.ResponseWriter, text string) {
	fmt.Fprintln(w, text)
}

func finish(w http.ResponseWriter) {}
