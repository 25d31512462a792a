package shop

import (
	"strconv"
	"testing"

	"goproctor.test/gotest/account"
)

func BenchmarkCheckout(b *testing.B) {
	who, run := account.Begin(b)
	for i := 0; i < b.N; i++ {
		Checkout(who, run, account.Next(), 1)
	}
}

func BenchmarkSizes(b *testing.B) {
	who, run := account.Begin(b)
	Publish(who, run, account.Next(), "before")
	for _, size := range []int{1, 10} {
		b.Run("size="+strconv.Itoa(size), func(b *testing.B) {
			who, run := account.Begin(b)
			for i := 0; i < b.N; i++ {
				cart := &Cart{}
				for j := 0; j < size; j++ {
					cart.Add(who, run, account.Next(), "book")
				}
			}
		})
	}
	Publish(who, run, account.Next(), "after")
}

func BenchmarkParallel(b *testing.B) {
	who, run := account.Begin(b)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			Publish(who, run, account.Next(), "parallel")
		}
	})
}
