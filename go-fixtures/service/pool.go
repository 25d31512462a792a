package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Pool writes receipts on workers of its own, so that customers do not wait for them.
type Pool struct {
	store  *Store
	orders chan *Order
	done   sync.WaitGroup
}

// NewPool starts the workers.
func NewPool(store *Store, workers int) *Pool {
	pool := &Pool{store: store, orders: make(chan *Order, 64)}
	for range workers {
		pool.done.Go(pool.work)
	}
	return pool
}

// Submit hands an order to a worker. The caller must not change the order any more.
func (p *Pool) Submit(ctx context.Context, order *Order) error {
	select {
	case p.orders <- order:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("no worker is free: %w", ctx.Err())
	}
}

// Drain lets the workers finish what was submitted. Nothing may be submitted any more.
func (p *Pool) Drain(ctx context.Context) error {
	close(p.orders)
	drained := make(chan struct{})
	go func() {
		p.done.Wait()
		close(drained)
	}()
	select {
	case <-drained:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Pool) work() {
	for order := range p.orders {
		if err := p.process(order); err != nil {
			slog.Error("writing a receipt", "order", order.ID, "error", err)
		}
	}
}

func (p *Pool) process(order *Order) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return p.store.InsertReceipt(ctx, order.ID, receipt(order))
}

func receipt(order *Order) string {
	return fmt.Sprintf("%d x %s: %d.%02d EUR", order.Qty, order.Item, order.Cents/100, order.Cents%100)
}
