package shop_test

import (
	"sync"
	"testing"

	"goproctor.test/gotest/account"
	"goproctor.test/gotest/shop"
)

// TestSameName is in the package shop too.
func TestSameName(t *testing.T) {
	who, run := account.Begin(t)
	shop.Publish(who, run, account.Next(), "outside")
	t.Run("subtest", func(t *testing.T) {
		who, run := account.Begin(t)
		shop.Checkout(who, run, account.Next(), 1)
	})
}

// TestMethods calls methods: directly, as values, and through an interface.
func TestMethods(t *testing.T) {
	who, run := account.Begin(t)
	cart := &shop.Cart{}
	cart.Add(who, run, account.Next(), "book")
	add := cart.Add
	add(who, run, account.Next(), "pen")
	(*shop.Cart).Add(cart, who, run, account.Next(), "ink")
	var counter interface {
		Count(who string, run, n int) int
	} = cart
	if count := counter.Count(who, run, account.Next()); count != 3 {
		t.Errorf("got %d", count)
	}
	if count := cart.Count(who, run, account.Next()); count != 3 {
		t.Errorf("got %d", count)
	}
}

func TestBundle(t *testing.T) {
	who, run := account.Begin(t)
	if count := shop.Bundle(who, run, account.Next(), 4); count != 16 {
		t.Errorf("got %d", count)
	}
}

// TestPool hands carts from subtest to subtest.
func TestPool(t *testing.T) {
	pool := sync.Pool{New: func() interface{} { return &shop.Cart{} }}
	for _, name := range []string{"a", "b", "c"} {
		t.Run(name, func(t *testing.T) {
			who, run := account.Begin(t)
			cart := pool.Get().(*shop.Cart)
			cart.Add(who, run, account.Next(), name)
			pool.Put(cart)
		})
	}
}
