package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
)

var errEmpty = errors.New("nothing is ordered")

// check says what is wrong with an order.
func check(order *Order) error {
	if len(order.Items) == 0 {
		return errEmpty
	}
	for _, item := range order.Items {
		if item.Count <= 0 {
			return fmt.Errorf("%s: the count is %d", item.Name, item.Count)
		}
	}
	return nil
}

// place makes a receipt of an order, stores it and notes what happened.
func (s *Shop) place(order *Order) (*Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	receipt := &Receipt{Lines: []string{}, Warnings: []string{}}
	for _, item := range order.Items {
		receipt.Net += price(item)
		receipt.Lines = append(receipt.Lines, line(item))
	}
	receipt.Discount = discount(order.Customer.Member, receipt.Net)
	percent, err := percentOf(order.Customer.Country)
	if err != nil {
		journal("refused", order.Customer.Name)
		return nil, fmt.Errorf("no tax for %s: %w", order.Customer.Country, err)
	}
	receipt.Tax = (receipt.Net - receipt.Discount) * percent / 100
	receipt.Total = receipt.Net - receipt.Discount + receipt.Tax
	for _, item := range order.Items {
		if err := s.take(item.Name, item.Count); err != nil {
			receipt.Warnings = append(receipt.Warnings, err.Error())
		}
	}
	receipt.Number = s.next()
	seal(receipt.Number)
	store(receipt, order.Notes)
	journal("stored", order.Customer.Name)
	return receipt, nil
}

// price is what an item costs, all of its pieces together.
func price(item Item) int {
	return item.Cents * item.Count
}

// line is an item as the receipt has it.
func line(item Item) string {
	return fmt.Sprintf("%d %s", item.Count, strings.ToUpper(item.Name))
}

// discount is what a member does not pay.
func discount(member bool, net int) int {
	if !member || net < 1000 {
		return 0
	}
	return net / 10
}

// take takes pieces of an item out of the stock.
func (s *Shop) take(name string, count int) error {
	left, known := s.stock[name]
	if !known {
		return fmt.Errorf("%s is not in stock", name)
	}
	if left < count {
		s.stock[name] = 0
		return fmt.Errorf("%d of %s come later", count-left, name)
	}
	s.stock[name] = left - count
	return nil
}

// next is the number of the next receipt.
func (s *Shop) next() int {
	s.number++
	s.sold++
	return s.number
}

// store keeps a receipt with the notes of its order.
func store(receipt *Receipt, notes map[string]string) {
	record(receipt.Number, len(receipt.Lines), notes["gift"] != "")
}

// record writes a row.
func record(number, lines int, gift bool) {}

// rounds is how often a receipt is sealed.
const rounds = 1000

// seal takes its time.
func seal(number int) {
	sum := sha256.Sum256([]byte{byte(number)})
	for i := 0; i < rounds; i++ {
		sum = sha256.Sum256(sum[:])
	}
}

// journal notes what happened.
func journal(what, who string) {}
