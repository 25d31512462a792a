//go:build go1.24
// +build go1.24

package shop

import (
	"testing"

	"goproctor.test/gotest/account"
)

// TestContext has a goroutine that goes on when the test's context is cancelled, which is before its cleanup.
func TestContext(t *testing.T) {
	who, run := account.Begin(t)
	done := make(chan int)
	context := t.Context()
	go func() {
		<-context.Done()
		Notify(who, run, account.Next(), done)
	}()
	t.Cleanup(func() {
		<-done
		Publish(who, run, account.Next(), "cleanup")
	})
}

// TestChdir runs in another folder.
func TestChdir(t *testing.T) {
	who, run := account.Begin(t)
	t.Chdir(t.TempDir())
	Publish(who, run, account.Next(), "elsewhere")
}

func BenchmarkLoop(b *testing.B) {
	who, run := account.Begin(b)
	for b.Loop() {
		Checkout(who, run, account.Next(), 1)
	}
}
