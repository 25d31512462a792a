package bank

import (
	"testing"
	"time"

	"goproctor.test/gotest/account"
)

func TestTransfer(t *testing.T) {
	who, run := account.Begin(t)
	from, to := &Ledger{}, &Ledger{}
	from.Deposit(who, run, account.Next(), 10)
	if err := Transfer(who, run, account.Next(), from, to, 4); err != nil {
		t.Error(err)
	}
	t.Run("too much", func(t *testing.T) {
		who, run := account.Begin(t)
		if err := Transfer(who, run, account.Next(), from, to, 7); err != ErrFunds {
			t.Error(err)
		}
	})
}

// TestTable is called as a test of package shop, and so is one of its subtests.
func TestTable(t *testing.T) {
	for _, test := range []struct {
		name   string
		amount int
	}{
		{"one", 1},
		{"three", 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			who, run := account.Begin(t)
			if balance := (&Ledger{}).Deposit(who, run, account.Next(), test.amount); balance != test.amount {
				t.Errorf("got %d", balance)
			}
		})
	}
}

func TestParallelOne(t *testing.T) { inParallel(t) }
func TestParallelTwo(t *testing.T) { inParallel(t) }

func inParallel(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who, run := account.Begin(t)
			from, to := &Ledger{}, &Ledger{}
			for i := 0; i < 10; i++ {
				from.Deposit(who, run, account.Next(), 1)
				time.Sleep(time.Millisecond)
				if err := Transfer(who, run, account.Next(), from, to, 1); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
