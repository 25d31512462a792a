package ledger

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

func account(owner string, amounts ...Money) *Account {
	account := &Account{Owner: owner}
	for i, amount := range amounts {
		account.Entries = append(account.Entries, Entry{Text: fmt.Sprint("entry ", i), Amount: amount})
	}
	return account
}

func TestBook(t *testing.T) {
	t.Run("two entries", func(t *testing.T) {
		ada := account("ada")
		err := ada.Book(Entry{Text: "pay", Amount: 900}, Entry{Text: "rent", Amount: -400, Tags: map[string]string{"kind": "home"}})
		t.Log(ada.Balance(), err)
	})
	t.Run("below the limit", func(t *testing.T) {
		limit := Money(-100)
		bob := account("bob", 50)
		bob.Limit = &limit
		t.Log(bob.Book(Entry{Text: "shoes", Amount: -120}, Entry{Text: "tea", Amount: -40}))
	})
	t.Run("closed", func(t *testing.T) {
		cy := account("cy", 1000)
		t.Log(cy.Close(30))
		if err := cy.Book(Entry{Text: "late", Amount: 1}); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	})
}

func TestTransfer(t *testing.T) {
	t.Run("done", func(t *testing.T) { t.Log(Transfer(account("ada", 500), account("bob"), 200)) })
	t.Run("undone", func(t *testing.T) {
		bob := account("bob")
		bob.Closed = true
		t.Log(Transfer(account("ada", 500), bob, 200))
	})
	t.Run("to itself", func(t *testing.T) {
		ada := account("ada", 500)
		t.Log(Transfer(ada, ada, 200))
	})
	t.Run("nothing", func(t *testing.T) { t.Log(Transfer(account("ada"), account("bob"), 0)) })
}

func TestSummarize(t *testing.T) {
	report := Summarize("all", []*Account{account("dan ", 7, 8), account("ada", 1), account("bob", 20, -5)})
	t.Log(report.Total)
}

func TestAudit(t *testing.T) {
	t.Log(Audit([]*Account{account("ada", 5), account("bob", -5)}))
}

func TestInspect(t *testing.T) {
	done := make(chan bool)
	go func() {
		defer close(done)
		t.Log(inspect(nil))
	}()
	<-done
}

func TestRetry(t *testing.T) {
	err := Retry(3, func(attempt int) error {
		if attempt < 3 {
			return fmt.Errorf("attempt %d", attempt)
		}
		return nil
	})
	t.Log(err)
}

func TestBank(t *testing.T) {
	bank := httptest.NewServer(&Bank{Accounts: map[string]*Account{"ada": account("ada", 5)}})
	defer bank.Close()
	for _, path := range []string{"/?owner=ada&amount=70", "/?owner=ada&amount=x", "/?owner=eve&amount=1"} {
		response, err := http.Post(bank.URL+path, "", nil)
		if err != nil {
			t.Log(err)
			continue
		}
		response.Body.Close()
	}
	response, err := http.Get(bank.URL + "/?owner=ada")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
}

func TestSeal(t *testing.T) {
	for i := 0; i < 200; i++ {
		seal(Money(i))
	}
}
