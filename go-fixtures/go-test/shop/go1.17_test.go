//go:build go1.17
// +build go1.17

package shop

import (
	"os"
	"testing"

	"goproctor.test/gotest/account"
)

func TestSetenv(t *testing.T) {
	who, run := account.Begin(t)
	t.Setenv("GOPROCTOR_TEST_TOPIC", "topic")
	Publish(who, run, account.Next(), os.Getenv("GOPROCTOR_TEST_TOPIC"))
}
