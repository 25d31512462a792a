package shop

import (
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"goproctor.test/gotest/account"
)

// TestTimer has a call in a goroutine that the runtime starts when a timer goes off, and no other does.
func TestTimer(t *testing.T) {
	who, run := account.Begin(t)
	done := make(chan int)
	time.AfterFunc(time.Millisecond, func() { Notify(who, run, account.Next(), done) })
	<-done
}

// TestWorker has a goroutine that TestMain started make calls for its subtests.
func TestWorker(t *testing.T) {
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who, run := account.Begin(t)
			done := make(chan int)
			jobs <- func() { Publish(who, run, account.Next(), "worker") }
			jobs <- func() { close(done) }
			<-done
		})
	}
}

var lazy struct {
	once   sync.Once
	server *httptest.Server
}

// LazyURL is where a server listens that the first test starts that asks for it. Others use it after that one's end:
// its goroutines descend from a test that their calls do not belong to.
func LazyURL() string {
	lazy.once.Do(func() { lazy.server = httptest.NewServer(&Server{}) })
	return lazy.server.URL
}

func closeLazy() {
	if lazy.server != nil {
		lazy.server.Close()
	}
}
