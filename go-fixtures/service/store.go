package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed schema.sql
var schema string

var (
	errNotFound   = errors.New("not found")
	errOutOfStock = errors.New("out of stock")
)

// Order is what a customer has ordered.
type Order struct {
	ID     int64     `json:"id"`
	UserID int64     `json:"-"`
	Item   string    `json:"item"`
	Qty    int       `json:"qty"`
	Cents  int64     `json:"cents"`
	State  string    `json:"state"`
	Placed time.Time `json:"placed"`
}

// Session is a visitor's, and a user's once they have logged in.
type Session struct {
	ID      string
	CSRF    string
	UserID  *int64
	Expires time.Time
}

// Store is the database.
type Store struct {
	db *pgxpool.Pool
}

// OpenStore connects to the database and makes its tables, if they are missing.
func OpenStore(ctx context.Context, url string) (*Store, error) {
	db, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	if _, err := db.Exec(ctx, schema); err != nil {
		db.Close()
		return nil, fmt.Errorf("database: %w", err)
	}
	return &Store{db: db}, nil
}

// Close closes all connections.
func (s *Store) Close() {
	s.db.Close()
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return s.db.Ping(ctx)
}

// User returns a user's id and the hash of their password.
func (s *Store) User(ctx context.Context, name string) (id int64, hash string, err error) {
	err = s.db.QueryRow(ctx, `SELECT id, password FROM users WHERE name = $1`, name).Scan(&id, &hash)
	return id, hash, missing(err)
}

// InsertSession keeps a session.
func (s *Store) InsertSession(ctx context.Context, session *Session) error {
	_, err := s.db.Exec(ctx, `INSERT INTO sessions (id, csrf, user_id, expires) VALUES ($1, $2, $3, $4)`,
		session.ID, session.CSRF, session.UserID, session.Expires)
	return err
}

// Session returns the session of an id, unless it has expired.
func (s *Store) Session(ctx context.Context, id string, now time.Time) (*Session, error) {
	session := &Session{ID: id}
	err := s.db.QueryRow(ctx, `SELECT csrf, user_id, expires FROM sessions WHERE id = $1 AND expires > $2`, id, now).
		Scan(&session.CSRF, &session.UserID, &session.Expires)
	if err != nil {
		return nil, missing(err)
	}
	return session, nil
}

// DeleteSession forgets a session.
func (s *Store) DeleteSession(ctx context.Context, id string) error {
	_, err := s.db.Exec(ctx, `DELETE FROM sessions WHERE id = $1`, id)
	return err
}

// DeleteSessions forgets the sessions that have expired and returns how many these were.
func (s *Store) DeleteSessions(ctx context.Context, now time.Time) (int64, error) {
	tag, err := s.db.Exec(ctx, `DELETE FROM sessions WHERE expires <= $1`, now)
	return tag.RowsAffected(), err
}

// PlaceOrder takes an order's items from the stock and inserts it, both or neither. It completes the order.
func (s *Store) PlaceOrder(ctx context.Context, order *Order) error {
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		price, err := reserve(ctx, tx, order.Item, order.Qty)
		if err != nil {
			return err
		}
		order.Cents = price * int64(order.Qty)
		return insertOrder(ctx, tx, order)
	})
}

// reserve takes items from the stock and returns what one of them costs.
func reserve(ctx context.Context, tx pgx.Tx, item string, qty int) (int64, error) {
	var price int64
	err := tx.QueryRow(ctx, `UPDATE items SET stock = stock - $2 WHERE name = $1 AND stock >= $2 RETURNING cents`, item, qty).
		Scan(&price)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, errOutOfStock
	}
	return price, err
}

func insertOrder(ctx context.Context, tx pgx.Tx, order *Order) error {
	return tx.QueryRow(ctx, `INSERT INTO orders (user_id, item, qty, cents) VALUES ($1, $2, $3, $4)
		RETURNING id, state, placed`, order.UserID, order.Item, order.Qty, order.Cents).
		Scan(&order.ID, &order.State, &order.Placed)
}

// MarkPaid notes the charge that an order was paid with.
func (s *Store) MarkPaid(ctx context.Context, order *Order, charge string) error {
	err := s.db.QueryRow(ctx, `UPDATE orders SET state = 'paid', charge = $2 WHERE id = $1 RETURNING state`, order.ID, charge).
		Scan(&order.State)
	return missing(err)
}

// Cancel cancels an order and puts its items back.
func (s *Store) Cancel(ctx context.Context, id int64) error {
	_, err := s.db.Exec(ctx, `WITH cancelled AS (
			UPDATE orders SET state = 'cancelled' WHERE id = $1 AND state = 'new' RETURNING item, qty)
		UPDATE items SET stock = stock + qty FROM cancelled WHERE name = item`, id)
	return err
}

// Order returns a user's order.
func (s *Store) Order(ctx context.Context, user, id int64) (*Order, error) {
	order := &Order{ID: id, UserID: user}
	err := s.db.QueryRow(ctx, `SELECT item, qty, cents, state, placed FROM orders WHERE id = $1 AND user_id = $2`, id, user).
		Scan(&order.Item, &order.Qty, &order.Cents, &order.State, &order.Placed)
	if err != nil {
		return nil, missing(err)
	}
	return order, nil
}

// InsertReceipt keeps an order's receipt.
func (s *Store) InsertReceipt(ctx context.Context, order int64, text string) error {
	_, err := s.db.Exec(ctx, `INSERT INTO receipts (order_id, text) VALUES ($1, $2)`, order, text)
	return err
}

// missing makes errNotFound of a row that is not there.
func missing(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return errNotFound
	}
	return err
}
