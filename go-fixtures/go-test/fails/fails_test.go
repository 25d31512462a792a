//go:build failing
// +build failing

package fails

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"goproctor.test/gotest/account"
)

func step(t *testing.T) (who string, run int) {
	who, run = account.Begin(t)
	Step(who, run, account.Next(), "begin")
	return who, run
}

func TestPasses(t *testing.T) { step(t) }

// TestError goes on after its error.
func TestError(t *testing.T) {
	who, run := step(t)
	t.Error("an error")
	Step(who, run, account.Next(), "after")
}

// TestFatal ends at its error, and has a call in its cleanup.
func TestFatal(t *testing.T) {
	who, run := step(t)
	t.Cleanup(func() { Step(who, run, account.Next(), "cleanup") })
	t.Fatal("a fatal error")
}

// TestSubtests fails in one of three.
func TestSubtests(t *testing.T) {
	who, run := step(t)
	t.Run("passes", func(t *testing.T) { step(t) })
	t.Run("fails", func(t *testing.T) {
		step(t)
		t.Error("an error\nof two lines")
	})
	t.Run("skipped", func(t *testing.T) {
		step(t)
		t.Skip("for a reason")
	})
	Step(who, run, account.Next(), "after")
}

func TestParallel(t *testing.T) {
	for _, name := range []string{"passes", "fails", "fails too"} {
		name := name
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			step(t)
			t.Log("a line")
			if name != "passes" {
				t.Error("an error")
			}
		})
	}
}

// TestInGoroutine fails in a goroutine that it waits for.
func TestInGoroutine(t *testing.T) {
	who, run := step(t)
	var group sync.WaitGroup
	group.Add(1)
	go func() {
		defer group.Done()
		Step(who, run, account.Next(), "goroutine")
		t.Error("an error")
	}()
	group.Wait()
}

// TestFailsInCleanup fails after its function has returned.
func TestFailsInCleanup(t *testing.T) {
	step(t)
	t.Cleanup(func() { t.Error("an error") })
}

func TestPanics(t *testing.T) {
	step(t)
	panic("a panic")
}

// TestPanicsInGoroutine ends the process without package testing.
func TestPanicsInGoroutine(t *testing.T) {
	step(t)
	go func() { panic("a panic") }()
	select {}
}

func TestExits(t *testing.T) {
	step(t)
	os.Exit(3)
}

// TestExitsWell panics under go test, which passes -test.paniconexit0, and passes without that.
func TestExitsWell(t *testing.T) {
	step(t)
	os.Exit(0)
}

// TestBlocks never ends.
func TestBlocks(t *testing.T) {
	step(t)
	select {}
}

// TestPrintsVerdicts passes, and prints lines as if other tests had ended.
func TestPrintsVerdicts(t *testing.T) {
	step(t)
	fmt.Println("=== RUN   TestFake")
	fmt.Println("--- PASS: TestFake (0.00s)")
	fmt.Println("    --- FAIL: TestFake/subtest (0.00s)")
	fmt.Println("--- FAIL: TestPrintsVerdicts (0.00s)")
	fmt.Println("PASS")
	fmt.Println("ok  \tgoproctor.test/gotest/fake\t0.001s")
}

// TestPrintsPart passes, and prints a line without its end.
func TestPrintsPart(t *testing.T) {
	step(t)
	fmt.Print("a part of a line")
}

// TestPrintsPartAndFails does so in subtests, on the other stream too.
func TestPrintsPartAndFails(t *testing.T) {
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			step(t)
			fmt.Fprint(os.Stderr, "a part on stderr")
			fmt.Print("a part on stdout")
			t.Error("an error")
		})
	}
}
