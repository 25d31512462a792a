package shop_test

import (
	"fmt"

	"goproctor.test/gotest/account"
	"goproctor.test/gotest/shop"
)

// Begin cannot tell the name of an example.

func ExampleCheckout() {
	who := "ExampleCheckout"
	run := account.Run(who)
	fmt.Println(shop.Checkout(who, run, account.Next(), 2))
	// Output: 10 <nil>
}

func ExampleCheckout_nothing() {
	who := "ExampleCheckout_nothing"
	run := account.Run(who)
	fmt.Println(shop.Checkout(who, run, account.Next(), 0))
	// Output: 0 shop: no quantity
}

func ExampleCart_Add() {
	who := "ExampleCart_Add"
	run := account.Run(who)
	cart := &shop.Cart{}
	done := make(chan int)
	go func() {
		cart.Add(who, run, account.Next(), "book")
		shop.Notify(who, run, account.Next(), done)
	}()
	<-done
	fmt.Println(cart.Add(who, run, account.Next(), "pen"))
	fmt.Println("items")
	// Unordered output:
	// items
	// 2
}

// ExamplePublish has no output, so it does not run.
func ExamplePublish() {
	shop.Publish("ExamplePublish", account.Run("ExamplePublish"), account.Next(), "never")
}
