//go:build !go1.24
// +build !go1.24

package main

import (
	"errors"
	"net/http"
)

// streamWithoutTLS fails: net/http speaks HTTP/2 without TLS from Go 1.24 on.
func streamWithoutTLS(*http.Server) {
	fail("HTTP/2 without TLS", errors.New("net/http has it from Go 1.24 on"))
}
