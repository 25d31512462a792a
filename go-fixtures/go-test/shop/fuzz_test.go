//go:build go1.18
// +build go1.18

package shop

import (
	"testing"

	"goproctor.test/gotest/account"
)

// FuzzCheckout has two seeds here and one in testdata. Each is a test of its own.
func FuzzCheckout(f *testing.F) {
	who, run := account.Begin(f)
	f.Cleanup(func() { Publish(who, run, account.Next(), "cleanup") })
	Publish(who, run, account.Next(), "before")
	f.Add(1)
	f.Add(-1)
	f.Fuzz(func(t *testing.T, qty int) {
		who, run := account.Begin(t)
		if total, err := Checkout(who, run, account.Next(), qty); err == nil && total != 5*qty {
			t.Errorf("got %d", total)
		}
	})
}

// FuzzParallel has seeds that run at the same time, and goroutines.
func FuzzParallel(f *testing.F) {
	f.Add("TEN")
	f.Add("ALL")
	f.Add("")
	f.Fuzz(func(t *testing.T, code string) {
		t.Parallel()
		who, run := account.Begin(t)
		done := make(chan int)
		go func() {
			TryDiscount(who, run, account.Next(), code)
			Notify(who, run, account.Next(), done)
		}()
		<-done
	})
}
