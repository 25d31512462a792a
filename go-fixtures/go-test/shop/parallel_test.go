package shop

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"goproctor.test/gotest/account"
)

func TestParallelOne(t *testing.T)   { inParallel(t) }
func TestParallelTwo(t *testing.T)   { inParallel(t) }
func TestParallelThree(t *testing.T) { inParallel(t) }

// inParallel makes calls for some milliseconds, from goroutines of its own too, while other tests do so.
func inParallel(t *testing.T) {
	who, run := account.Begin(t)
	Publish(who, run, account.Next(), "before")
	t.Parallel()
	interleaved(who, run)
}

func interleaved(who string, run int) {
	var group sync.WaitGroup
	for i := 0; i < 3; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := 0; j < 4; j++ {
				Checkout(who, run, account.Next(), 1)
				Ship(who, run, account.Next(), time.Millisecond)
			}
		}()
	}
	for j := 0; j < 4; j++ {
		Ship(who, run, account.Next(), time.Millisecond)
	}
	group.Wait()
}

// TestParallelSubtests has subtests that go on after its function has returned, and so its cleanup comes after them.
func TestParallelSubtests(t *testing.T) {
	who, run := account.Begin(t)
	t.Cleanup(func() { Publish(who, run, account.Next(), "cleanup") })
	for i := 1; i <= 4; i++ {
		t.Run("subtest "+strconv.Itoa(i), func(t *testing.T) {
			who, run := account.Begin(t)
			t.Cleanup(func() { Publish(who, run, account.Next(), "cleanup") })
			t.Parallel()
			interleaved(who, run)
		})
	}
	Publish(who, run, account.Next(), "end")
}

// TestParallelGroups is parallel itself, and has two groups of parallel subtests, one after the other.
func TestParallelGroups(t *testing.T) {
	t.Parallel()
	who, run := account.Begin(t)
	for _, group := range []string{"first", "second"} {
		t.Run(group, func(t *testing.T) {
			for _, name := range []string{"x", "y", "x"} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					who, run := account.Begin(t)
					Ship(who, run, account.Next(), 2*time.Millisecond)
				})
			}
		})
		Publish(who, run, account.Next(), "after "+group)
	}
}
