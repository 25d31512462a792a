package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// Server answers requests.
type Server struct {
	store    *Store
	payments *Payments
	pool     *Pool
	session  time.Duration // how long one lasts
}

// Routes says which path leads where.
func (s *Server) Routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.answer(s.health))
	mux.HandleFunc("GET /login", s.answer(s.loginPage))
	mux.HandleFunc("POST /login", s.answer(s.login))
	mux.HandleFunc("GET /{$}", s.answer(s.home))
	mux.HandleFunc("POST /orders", s.answer(s.placeOrder))
	mux.HandleFunc("GET /orders/{id}", s.answer(s.showOrder))
	return mux
}

// badRequest is an error whose message the client may read.
type badRequest string

func (e badRequest) Error() string { return string(e) }

// answer makes an http.HandlerFunc of a handler that may fail, and a status of its error.
func (s *Server) answer(handler func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		err := handler(w, r)
		if err != nil {
			status := statusOf(err)
			text := http.StatusText(status)
			if bad, ok := errors.AsType[badRequest](err); ok {
				text = bad.Error()
			}
			http.Error(w, text, status)
		}
		slog.Info("request", "method", r.Method, "path", r.URL.Path, "took", time.Since(begin), "error", err)
	}
}

func statusOf(err error) int {
	if _, ok := errors.AsType[badRequest](err); ok {
		return http.StatusBadRequest
	}
	switch {
	case errors.Is(err, errNoUser), errors.Is(err, errWrongPassword):
		return http.StatusUnauthorized
	case errors.Is(err, errForged):
		return http.StatusForbidden
	case errors.Is(err, errNotFound):
		return http.StatusNotFound
	case errors.Is(err, errOutOfStock):
		return http.StatusConflict
	case errors.Is(err, errDeclined):
		return http.StatusPaymentRequired
	case errors.Is(err, errUnavailable):
		return http.StatusBadGateway
	default:
		return http.StatusInternalServerError
	}
}

func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	if err := s.store.Ping(r.Context()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) placeOrder(w http.ResponseWriter, r *http.Request) error {
	session, err := s.loggedIn(r)
	if err != nil {
		return err
	}
	if err := session.check(r.Header.Get("X-CSRF-Token")); err != nil {
		return err
	}
	order, err := readOrder(w, r)
	if err != nil {
		return err
	}
	order.UserID = *session.UserID
	if err := s.buy(r, order); err != nil {
		return err
	}
	w.Header().Set("Location", "/orders/"+strconv.FormatInt(order.ID, 10))
	return writeJSON(w, http.StatusCreated, order)
}

// readOrder reads what a client wants to order.
func readOrder(w http.ResponseWriter, r *http.Request) (*Order, error) {
	var wanted struct {
		Item string `json:"item"`
		Qty  int    `json:"qty"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&wanted); err != nil {
		return nil, badRequest("an order is JSON with item and qty")
	}
	if wanted.Item == "" || wanted.Qty < 1 || wanted.Qty > 100 {
		return nil, badRequest("an order has an item, and a qty from 1 to 100")
	}
	return &Order{Item: wanted.Item, Qty: wanted.Qty}, nil
}

// buy places an order, charges for it, and hands it to the workers. An order that is not paid is cancelled.
func (s *Server) buy(r *http.Request, order *Order) error {
	ctx := r.Context()
	if err := s.store.PlaceOrder(ctx, order); err != nil {
		return err
	}
	charge, err := s.payments.Charge(ctx, order)
	if err != nil {
		// Also when the client is gone.
		return errors.Join(err, s.store.Cancel(context.WithoutCancel(ctx), order.ID))
	}
	if err := s.store.MarkPaid(ctx, order, charge); err != nil {
		return err
	}
	return s.pool.Submit(ctx, order)
}

func (s *Server) showOrder(w http.ResponseWriter, r *http.Request) error {
	session, err := s.loggedIn(r)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return errNotFound
	}
	order, err := s.store.Order(r.Context(), *session.UserID, id)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, order)
}

func writeJSON(w http.ResponseWriter, status int, value any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(value)
}
