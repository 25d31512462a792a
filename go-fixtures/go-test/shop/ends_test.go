package shop

import (
	"sync"
	"testing"

	"goproctor.test/gotest/account"
)

// TestCleanup makes calls after its function and its subtests have ended.
func TestCleanup(t *testing.T) {
	who, run := account.Begin(t)
	t.Cleanup(func() { Publish(who, run, account.Next(), "last") })
	t.Cleanup(func() {
		done := make(chan int)
		go Notify(who, run, account.Next(), done)
		<-done
		t.Cleanup(func() { Publish(who, run, account.Next(), "added") })
	})
	t.Run("subtest", func(t *testing.T) {
		who, run := account.Begin(t)
		t.Cleanup(func() { Checkout(who, run, account.Next(), 1) })
		defer Publish(who, run, account.Next(), "deferred")
	})
}

func TestSkipped(t *testing.T) {
	who, run := account.Begin(t)
	t.Cleanup(func() { Publish(who, run, account.Next(), "cleanup") })
	defer Publish(who, run, account.Next(), "deferred")
	Checkout(who, run, account.Next(), 1)
	t.Skip("enough")
}

func TestSkippedSubtest(t *testing.T) {
	t.Run("skipped", func(t *testing.T) {
		who, run := account.Begin(t)
		Publish(who, run, account.Next(), "before")
		t.SkipNow()
	})
	t.Run("silent", func(t *testing.T) { t.Skip() })
	t.Run("other", func(t *testing.T) {
		who, run := account.Begin(t)
		Checkout(who, run, account.Next(), 1)
	})
}

// TestGoexit has goroutines that end within a watched call.
func TestGoexit(t *testing.T) {
	who, run := account.Begin(t)
	var group sync.WaitGroup
	for i := 0; i < 2; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			defer Publish(who, run, account.Next(), "deferred")
			With(who, run, account.Next(), func() { Quit(who, run, account.Next()) })
			t.Error("the goroutine goes on")
		}()
	}
	group.Wait()
	Publish(who, run, account.Next(), "end")
}

// TestRecovered has panics that a watched function and the test itself recover.
func TestRecovered(t *testing.T) {
	who, run := account.Begin(t)
	if percent, err := TryDiscount(who, run, account.Next(), "TEN"); percent != 10 || err != nil {
		t.Errorf("got %d, %v", percent, err)
	}
	if _, err := TryDiscount(who, run, account.Next(), "ALL"); err == nil {
		t.Error("no error")
	}
	func() {
		defer func() { _ = recover() }()
		With(who, run, account.Next(), func() { Discount(who, run, account.Next(), "ALL") })
		t.Error("no panic")
	}()
	Publish(who, run, account.Next(), "end")
}
