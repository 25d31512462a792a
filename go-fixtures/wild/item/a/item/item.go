// Package item is one of two packages of that name.
package item

import "go.goproctor.test/wild/account"

// Item is an item.
type Item struct{ Qty int }

// Take is called.
func Take(it Item, n int) int {
	account.Call("go.goproctor.test/wild/item/a/item.Take", n)
	return it.Qty + n
}
