package shop_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"goproctor.test/gotest/account"
	"goproctor.test/gotest/shop"
)

// request makes one for a run of a test.
func request(t *testing.T, method, url, who string, run int) *http.Request {
	request, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Error(err)
		return httptest.NewRequest(method, "/", nil)
	}
	request.Header.Set("X-Who", who)
	request.Header.Set("X-Run", strconv.Itoa(run))
	return request
}

// get gets a page and reads it to its end, so that the connection can be used again.
func get(t *testing.T, client *http.Client, url, who string, run int) {
	response, err := client.Do(request(t, "GET", url, who, run))
	if err != nil {
		t.Error(err)
		return
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Error(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", url, response.Status)
	}
}

// getAll gets some pages, one after the other and then several at a time.
func getAll(t *testing.T, client *http.Client, url, who string, run int) {
	get(t, client, url+"/checkout", who, run)
	get(t, client, url+"/old", who, run)
	get(t, client, url+"/spawn", who, run)
	var group sync.WaitGroup
	for i := 0; i < 3; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			get(t, client, url+"/slow", who, run)
			get(t, client, url+"/checkout", who, run)
		}()
	}
	group.Wait()
}

// TestRecorder calls the handler in its own goroutine.
func TestRecorder(t *testing.T) {
	who, run := account.Begin(t)
	handler := &shop.Server{}
	for _, path := range []string{"/checkout", "/spawn", "/leave"} {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request(t, "GET", path, who, run))
		if recorder.Code != http.StatusOK {
			t.Errorf("%s: %d", path, recorder.Code)
		}
	}
	handler.Wait()
}

// TestOwnServer has a server of its own, which its subtests use too.
func TestOwnServer(t *testing.T) {
	who, run := account.Begin(t)
	handler := &shop.Server{}
	server := httptest.NewServer(handler)
	getAll(t, server.Client(), server.URL, who, run)
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			who, run := account.Begin(t)
			get(t, server.Client(), server.URL+"/checkout", who, run)
			get(t, server.Client(), server.URL+"/leave", who, run)
		})
	}
	server.Close()
	handler.Wait()
}

// TestOwnTLS is the same with HTTP/2.
func TestOwnTLS(t *testing.T) {
	who, run := account.Begin(t)
	handler := &shop.Server{}
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	getAll(t, server.Client(), server.URL, who, run)
	response, err := server.Client().Do(request(t, "GET", server.URL+"/leave", who, run))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.ProtoMajor != 2 {
		t.Errorf("got %s", response.Proto)
	}
	handler.Wait()
}

// The others share TestMain's server. Connections that http.DefaultClient keeps pass from test to test.

func TestSharedOne(t *testing.T) {
	who, run := account.Begin(t)
	getAll(t, http.DefaultClient, shop.SharedURL, who, run)
}

func TestSharedTwo(t *testing.T) {
	who, run := account.Begin(t)
	getAll(t, http.DefaultClient, shop.SharedURL, who, run)
	t.Run("subtest", func(t *testing.T) {
		who, run := account.Begin(t)
		get(t, http.DefaultClient, shop.SharedURL+"/checkout", who, run)
	})
	get(t, http.DefaultClient, shop.SharedURL+"/checkout", who, run)
}

// TestSharedLeave has handlers that leave goroutines behind, and TestMain waits for them.
func TestSharedLeave(t *testing.T) {
	for _, name := range []string{"a", "b", "c"} {
		t.Run(name, func(t *testing.T) {
			who, run := account.Begin(t)
			get(t, http.DefaultClient, shop.SharedURL+"/leave", who, run)
		})
	}
}

func TestSharedParallelOne(t *testing.T) {
	t.Parallel()
	who, run := account.Begin(t)
	getAll(t, http.DefaultClient, shop.SharedURL, who, run)
}

func TestSharedParallelTwo(t *testing.T) {
	t.Parallel()
	who, run := account.Begin(t)
	getAll(t, http.DefaultClient, shop.SharedURL, who, run)
}

func TestSharedParallelSubtests(t *testing.T) {
	for _, name := range []string{"a", "b", "c"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who, run := account.Begin(t)
			getAll(t, http.DefaultClient, shop.SharedURL, who, run)
		})
	}
}

// TestSharedOneShot has a client that opens a connection for each request.
func TestSharedOneShot(t *testing.T) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, name := range []string{"a", "b", "c"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who, run := account.Begin(t)
			getAll(t, client, shop.SharedURL, who, run)
		})
	}
}
