//go:build tools

// Package thirdparty names the servers that are watched, so that go.mod holds their versions.
package thirdparty

import (
	_ "github.com/mccutchen/go-httpbin/v2/cmd/go-httpbin"
	_ "github.com/nats-io/nats-server/v2"
)
