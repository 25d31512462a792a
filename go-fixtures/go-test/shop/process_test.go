package shop

import (
	"os"
	"os/exec"
	"testing"

	"goproctor.test/gotest/account"
)

const helper = "GOPROCTOR_TEST_HELPER"

// TestProcess runs its own program again, twice at the same time. The calls of those belong to TestHelperProcess.
func TestProcess(t *testing.T) {
	who, run := account.Begin(t)
	Publish(who, run, account.Next(), "before")
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who, run := account.Begin(t)
			child := exec.Command(os.Args[0], "-test.run=^TestHelperProcess$")
			child.Env = append(os.Environ(), helper+"="+t.Name())
			output, err := child.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, output)
			}
			Publish(who, run, account.Next(), "after")
		})
	}
}

// TestHelperProcess is silent unless TestProcess runs it.
func TestHelperProcess(t *testing.T) {
	if os.Getenv(helper) == "" {
		return
	}
	who, run := account.Begin(t)
	Checkout(who, run, account.Next(), 2)
	t.Run("subtest", func(t *testing.T) {
		who, run := account.Begin(t)
		Publish(who, run, account.Next(), os.Getenv(helper))
	})
}
