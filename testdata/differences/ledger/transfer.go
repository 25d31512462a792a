package ledger

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
)

// Transfer books an amount from one account to another, or nothing.
func Transfer(from, to *Account, amount Money) (err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("no transfer: %v", problem)
		}
	}()
	verify(from, to, amount)
	if err := from.Book(Entry{Text: "to " + to.Owner, Amount: -amount}); err != nil {
		return err
	}
	if err := to.Book(Entry{Text: "from " + from.Owner, Amount: amount}); err != nil {
		undo(from, amount)
		return err
	}
	return nil
}

// verify panics for what can't be transferred.
func verify(from, to *Account, amount Money) {
	if from == to {
		panic("it is one account")
	}
	if amount <= 0 {
		panic("nothing is transferred")
	}
}

func undo(account *Account, amount Money) {
	account.add(Entry{Text: "undone", Amount: amount})
}

// Audit checks accounts, each in a goroutine of its own, and gives what is wrong with them, in their order.
func Audit(accounts []*Account) []error {
	problems := make([]error, len(accounts))
	var done sync.WaitGroup
	for i, account := range accounts {
		done.Add(1)
		go func() {
			defer done.Done()
			problems[i] = inspect(account)
		}()
	}
	done.Wait()
	return problems
}

// inspect ends its goroutine where an account can't be inspected at all.
func inspect(account *Account) error {
	if account == nil {
		abandon("no account")
		return errors.New("it was not abandoned")
	}
	if account.Balance() < 0 {
		return errors.New("the balance is negative")
	}
	return nil
}

func abandon(why string) {
	runtime.Goexit()
}

// Retry does something until it works, at most so many times.
func Retry(times int, do func(attempt int) error) error {
	var err error
	for attempt := 1; attempt <= times; attempt++ {
		if err = do(attempt); err == nil {
			return nil
		}
		pause(attempt)
	}
	return err
}

func pause(attempt int) {}
