// Package bank is a second package that is tested, by a binary of its own that runs beside shop's: the oracle for
// telling two apart. It has no TestMain, and some tests are called as ones of package shop.
package bank

import (
	"errors"

	"goproctor.test/gotest/account"
)

// ErrFunds says that there is not enough.
var ErrFunds = errors.New("bank: not enough")

// A Ledger holds money.
type Ledger struct {
	balance int
}

// Deposit adds to a ledger, and gives what it holds then.
func (l *Ledger) Deposit(who string, run, n int, amount int) int {
	account.Call("bank.(*Ledger).Deposit", who, run, n)
	l.balance += amount
	return l.balance
}

// Withdraw takes from a ledger.
func (l *Ledger) Withdraw(who string, run, n int, amount int) error {
	account.Call("bank.(*Ledger).Withdraw", who, run, n)
	if amount > l.balance {
		return ErrFunds
	}
	l.balance -= amount
	return nil
}

// Transfer takes from one ledger and adds to another.
func Transfer(who string, run, n int, from, to *Ledger, amount int) error {
	account.Call("bank.Transfer", who, run, n)
	if err := from.Withdraw(who, run, account.Next(), amount); err != nil {
		return err
	}
	to.Deposit(who, run, account.Next(), amount)
	return nil
}
