//go:build go1.24
// +build go1.24

package main

import "net/http"

// streamWithoutTLS lets the server speak HTTP/2 to who begins with it, and HTTP/1.1 to all others.
func streamWithoutTLS(server *http.Server) {
	server.Protocols = new(http.Protocols)
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
}
