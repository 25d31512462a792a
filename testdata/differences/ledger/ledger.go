// Package ledger keeps accounts: it books what is paid, and says what is left.
package ledger

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"sort"
	"strings"
)

// ErrClosed is returned for an account that is closed.
var ErrClosed = errors.New("the account is closed")

// Money is an amount of cents.
type Money int

// Entry is a line of an account.
type Entry struct {
	Text   string
	Amount Money
	Tags   map[string]string
}

// Account has entries.
type Account struct {
	Owner   string
	Entries []Entry
	Closed  bool
	Limit   *Money
}

// Book adds entries to an account, each after it was checked.
func (a *Account) Book(entries ...Entry) error {
	for _, entry := range entries {
		if err := a.allow(entry); err != nil {
			return fmt.Errorf("%s: %w", entry.Text, err)
		}
		a.add(entry)
	}
	a.notify(len(entries))
	return nil
}

func (a *Account) allow(entry Entry) error {
	if a.Closed {
		return ErrClosed
	}
	if entry.Amount < 0 && a.Limit != nil && a.Balance()+entry.Amount < *a.Limit {
		return fmt.Errorf("the limit is %d", *a.Limit)
	}
	return nil
}

func (a *Account) add(entry Entry) {
	a.Entries = append(a.Entries, entry)
}

func (a *Account) notify(count int) {}

// rounds is how often a balance is sealed.
const rounds = 1000

// seal takes its time.
func seal(balance Money) {
	sum := sha256.Sum256([]byte{byte(balance)})
	for i := 0; i < rounds; i++ {
		sum = sha256.Sum256(sum[:])
	}
}

// Balance is the sum of an account.
func (a *Account) Balance() Money {
	var sum Money
	for _, entry := range a.Entries {
		sum += entry.Amount
	}
	return sum
}

// Close books a fee, and takes no more entries.
func (a *Account) Close(fee Money) error {
	seal(fee)
	err := a.Book(Entry{Text: "fee", Amount: -fee, Tags: map[string]string{"kind": "fee", "by": "bank"}})
	a.Closed = true
	return err
}

// Report is a statement of accounts.
type Report struct {
	Title string
	Rows  []Row
	Total Money
}

// Row is an account in a report.
type Row struct {
	Owner   string
	Balance Money
}

// Summarize makes a report of accounts, in the order of their owners.
func Summarize(title string, accounts []*Account) *Report {
	report := &Report{Title: title, Rows: []Row{}}
	for _, account := range accounts {
		report.Rows = append(report.Rows, row(account))
	}
	sortRows(report.Rows)
	report.Total = total(report.Rows)
	return report
}

func row(account *Account) Row {
	return Row{Owner: clean(account.Owner), Balance: account.Balance()}
}

func clean(name string) string {
	return strings.TrimSpace(name)
}

func sortRows(rows []Row) {
	sort.Slice(rows, func(i, j int) bool { return rows[i].Owner < rows[j].Owner })
}

func total(rows []Row) Money {
	var sum Money
	for _, row := range rows {
		sum += row.Balance
	}
	return sum
}
