//go:build go1.25
// +build go1.25

// A module of Go 1.16 has the timers of that time until Go 1.27, and a bubble cannot.
//go:debug asynctimerchan=0

package shop

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"goproctor.test/gotest/account"
)

// TestBubble has a bubble: package testing runs a second test of the same name in it, which is no run of its own.
func TestBubble(t *testing.T) {
	who, run := account.Begin(t)
	Publish(who, run, account.Next(), "before")
	synctest.Test(t, func(t *testing.T) { inBubble(t, who, run) })
	Publish(who, run, account.Next(), "after")
}

// TestBubbles has subtests with a bubble each, at the same time.
func TestBubbles(t *testing.T) {
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who, run := account.Begin(t)
			synctest.Test(t, func(t *testing.T) { inBubble(t, who, run) })
		})
	}
}

func inBubble(t *testing.T, who string, run int) {
	if t.Name() != who {
		t.Errorf("the bubble of %s is called %s", who, t.Name())
	}
	t.Cleanup(func() { Publish(who, run, account.Next(), "cleanup") })
	go func() {
		Ship(who, run, account.Next(), time.Hour)
	}()
	synctest.Wait()
	Checkout(who, run, account.Next(), 1)
	time.Sleep(2 * time.Hour)
}

// TestAttributes adds to the test's output.
func TestAttributes(t *testing.T) {
	who, run := account.Begin(t)
	t.Attr("topic", "checkout")
	Publish(who, run, account.Next(), "checkout")
	fmt.Fprintln(t.Output(), "published")
}
