package shop

import (
	"sync"
	"testing"
	"time"

	"goproctor.test/gotest/account"
)

// TestGoroutines waits for goroutines that start goroutines, some of which begin in a watched function.
func TestGoroutines(t *testing.T) {
	who, run := account.Begin(t)
	done := make(chan int)
	go Notify(who, run, account.Next(), done)
	<-done
	var group sync.WaitGroup
	for i := 0; i < 2; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			Publish(who, run, account.Next(), "outer")
			inner := make(chan int)
			go func() {
				Checkout(who, run, account.Next(), 1)
				go Notify(who, run, account.Next(), inner)
			}()
			<-inner
		}()
	}
	group.Wait()
}

// TestRunInGoroutine has subtests that goroutines of its own begin.
func TestRunInGoroutine(t *testing.T) {
	who, run := account.Begin(t)
	var group sync.WaitGroup
	for _, name := range []string{"a", "b"} {
		name := name
		group.Add(1)
		go func() {
			defer group.Done()
			Publish(who, run, account.Next(), "before")
			t.Run("subtest "+name, func(t *testing.T) {
				who, run := account.Begin(t)
				Ship(who, run, account.Next(), time.Millisecond)
			})
			Publish(who, run, account.Next(), "after")
		}()
	}
	group.Wait()
}

// TestLeak leaves two goroutines behind: one that waits forever, and one that makes a call when other tests run.
func TestLeak(t *testing.T) {
	who, run := account.Begin(t)
	forever := make(chan int)
	go func() {
		Publish(who, run, account.Next(), "now")
		Notify(who, run, account.Next(), forever)
	}()
	leaving.Add(1)
	go func() {
		defer leaving.Done()
		time.Sleep(50 * time.Millisecond)
		Checkout(who, run, account.Next(), 1)
	}()
	Publish(who, run, account.Next(), "left")
}

// TestLeakInSubtest leaves one behind that its parent outlives.
func TestLeakInSubtest(t *testing.T) {
	who, run := account.Begin(t)
	late := make(chan int)
	t.Run("subtest", func(t *testing.T) {
		who, run := account.Begin(t)
		go func() {
			time.Sleep(5 * time.Millisecond)
			Notify(who, run, account.Next(), late)
		}()
	})
	Publish(who, run, account.Next(), "meanwhile")
	<-late
}
