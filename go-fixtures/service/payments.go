package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const (
	maxAttempts  = 3
	firstBackoff = 20 * time.Millisecond
)

var (
	errDeclined    = errors.New("payment declined")
	errUnavailable = errors.New("payment service unavailable")
)

// StatusError is an answer of the payment service that is neither a charge nor a refusal.
type StatusError struct {
	Code int
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("payment service: status %d", e.Code)
}

// Payments charges customers over HTTP.
type Payments struct {
	url    string
	client *http.Client
}

// NewPayments returns a client of the payment service at a URL.
func NewPayments(url string) *Payments {
	return &Payments{url: url, client: &http.Client{Timeout: 2 * time.Second}}
}

// Charge asks for the money of an order and returns the charge's id. It tries again when the service is down: the
// order's idempotency key keeps it from charging twice.
func (p *Payments) Charge(ctx context.Context, order *Order) (string, error) {
	backoff := firstBackoff
	for attempt := 1; ; attempt++ {
		id, err := p.try(ctx, order)
		switch {
		case err == nil:
			return id, nil
		case !isTemporary(err):
			return "", err
		case attempt == maxAttempts:
			return "", fmt.Errorf("%w after %d attempts: %w", errUnavailable, attempt, err)
		}
		if err := pause(ctx, backoff); err != nil {
			return "", err
		}
		backoff *= 2
	}
}

func (p *Payments) try(ctx context.Context, order *Order) (string, error) {
	body, err := json.Marshal(map[string]any{
		"order":  order.ID,
		"amount": map[string]any{"cents": order.Cents, "currency": "EUR"},
	})
	if err != nil {
		return "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/v1/charges", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", fmt.Sprintf("order-%d", order.ID))
	response, err := p.client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusCreated:
	case http.StatusPaymentRequired:
		return "", errDeclined
	default:
		return "", &StatusError{Code: response.StatusCode}
	}
	var charge struct {
		ID string `json:"id"`
	}
	if err := json.NewDecoder(response.Body).Decode(&charge); err != nil {
		return "", fmt.Errorf("payment service: %w", err)
	}
	return charge.ID, nil
}

// isTemporary reports whether another attempt may succeed.
func isTemporary(err error) bool {
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.Code >= 500
	}
	_, ok := errors.AsType[*url.Error](err)
	return ok
}

// pause waits, unless the context ends first.
func pause(ctx context.Context, backoff time.Duration) error {
	timer := time.NewTimer(backoff)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
