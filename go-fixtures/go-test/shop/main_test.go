package shop

import (
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"goproctor.test/gotest/account"
)

var (
	// SharedURL is where the server of all tests listens.
	SharedURL string
	// SharedTLS is one with HTTP/2.
	SharedTLS *httptest.Server

	// jobs are done by a goroutine that TestMain starts.
	jobs = make(chan func())

	// leaving are the goroutines that tests left behind and that have yet to make a call.
	leaving sync.WaitGroup
)

func init() { Publish("", 0, account.Next(), "init") }

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	Publish("", 0, account.Next(), "begin")

	handler := &Server{}
	shared := httptest.NewServer(handler)
	SharedURL = shared.URL
	SharedTLS = httptest.NewUnstartedServer(handler)
	SharedTLS.EnableHTTP2 = true
	SharedTLS.StartTLS()

	var background sync.WaitGroup
	stop := make(chan struct{})
	background.Add(2)
	go func() {
		defer background.Done()
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			Tick("", 0, account.Next())
			select {
			case <-stop:
				return
			case <-ticker.C:
			}
		}
	}()
	go func() {
		defer background.Done()
		for job := range jobs {
			job()
		}
	}()

	code := m.Run()

	leaving.Wait()
	close(stop)
	close(jobs)
	background.Wait()
	shared.Close()
	SharedTLS.Close()
	handler.Wait()
	closeLazy()
	Publish("", 0, account.Next(), "end")
	return code
}
