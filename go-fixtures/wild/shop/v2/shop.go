// Package shop has a path that ends with its version.
package shop

import "go.goproctor.test/wild/account"

// Error is an error.
type Error struct{ Code int }

// Error tells the code.
func (e *Error) Error() string { return "shop" }

// Fail fails.
func Fail(n int) error {
	account.Call("go.goproctor.test/wild/shop/v2.Fail", n)
	return &Error{Code: n}
}
