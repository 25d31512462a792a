package shop

import "testing"

func TestCheckout(t *testing.T) { Checkout(3) }
