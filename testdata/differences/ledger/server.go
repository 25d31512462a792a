package ledger

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// Bank serves accounts.
type Bank struct {
	Accounts map[string]*Account
}

// ServeHTTP shows an account, or books an amount.
func (b *Bank) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	account, err := b.find(r.URL.Query().Get("owner"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	if r.Method == http.MethodPost {
		amount, err := parse(r.URL.Query().Get("amount"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if err := account.Book(Entry{Text: "paid", Amount: amount}); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
	}
	json.NewEncoder(w).Encode(view(account))
}

func (b *Bank) find(owner string) (*Account, error) {
	account, ok := b.Accounts[owner]
	if !ok {
		return nil, fmt.Errorf("there is no account of %q", owner)
	}
	return account, nil
}

func parse(text string) (Money, error) {
	amount, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("no amount: %w", err)
	}
	return Money(amount), nil
}

func view(account *Account) Row {
	return Row{Owner: account.Owner, Balance: account.Balance()}
}
