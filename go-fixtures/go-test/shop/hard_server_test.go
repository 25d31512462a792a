package shop_test

import (
	"net/http"
	"testing"

	"goproctor.test/gotest/account"
	"goproctor.test/gotest/shop"
)

// The server is started by whichever of these comes first.

func TestLazyOne(t *testing.T) {
	who, run := account.Begin(t)
	getAll(t, http.DefaultClient, shop.LazyURL(), who, run)
}

func TestLazyTwo(t *testing.T) {
	who, run := account.Begin(t)
	getAll(t, http.DefaultClient, shop.LazyURL(), who, run)
}

// TestSharedTLS has subtests that share one HTTP/2 connection at the same time.
func TestSharedTLS(t *testing.T) {
	for _, name := range []string{"a", "b", "c"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who, run := account.Begin(t)
			getAll(t, shop.SharedTLS.Client(), shop.SharedTLS.URL, who, run)
		})
	}
}
