// Package shop sells.
package shop

// Checkout is watched.
func Checkout(qty int) int { return qty * 20 }
