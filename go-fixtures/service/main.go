// Command service is a small shop: customers log in and place orders, a payment service charges them, and workers
// write their receipts. PostgreSQL keeps all of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		slog.Error("the shop has failed", "error", err)
		os.Exit(1)
	}
}

// config is what the command line and the environment say.
type config struct {
	listen     string
	database   string
	payments   string
	workers    int
	session    time.Duration
	cleanEvery time.Duration
	grace      time.Duration
}

func parseConfig(args []string) (config, error) {
	cfg := config{database: os.Getenv("DATABASE_URL")}
	flags := flag.NewFlagSet("service", flag.ContinueOnError)
	flags.StringVar(&cfg.listen, "listen", "127.0.0.1:8080", "`address` to serve on")
	flags.StringVar(&cfg.payments, "payments", "", "`URL` of the payment service")
	flags.IntVar(&cfg.workers, "workers", 4, "workers that write receipts")
	flags.DurationVar(&cfg.session, "session", time.Hour, "how long a session lasts")
	flags.DurationVar(&cfg.cleanEvery, "clean-every", time.Minute, "how often expired sessions are deleted")
	flags.DurationVar(&cfg.grace, "grace", 10*time.Second, "how long requests and workers may take to end")
	if err := flags.Parse(args); err != nil {
		return config{}, err
	}
	switch {
	case cfg.database == "":
		return config{}, errors.New("DATABASE_URL is not set")
	case cfg.payments == "":
		return config{}, errors.New("-payments is not set")
	case cfg.workers < 1:
		return config{}, errors.New("-workers must be at least 1")
	}
	return cfg, nil
}

func run(ctx context.Context, args []string) error {
	cfg, err := parseConfig(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()

	store, err := OpenStore(ctx, cfg.database)
	if err != nil {
		return err
	}
	defer store.Close()
	pool := NewPool(store, cfg.workers)
	shop := &Server{
		store:    store,
		payments: NewPayments(cfg.payments),
		pool:     pool,
		session:  cfg.session,
	}
	server := &http.Server{Handler: shop.Routes(), ReadHeaderTimeout: 5 * time.Second}
	listener, err := net.Listen("tcp", cfg.listen)
	if err != nil {
		return err
	}

	var jobs sync.WaitGroup
	jobs.Go(func() { cleanEvery(ctx, store, cfg.cleanEvery) })
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	slog.Info("serving", "address", listener.Addr().String())

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	slog.Info("shutting down")
	return shutdown(server, pool, &jobs, cfg.grace)
}

// shutdown answers the requests that are under way, lets the workers finish what was handed to them, and waits for the
// jobs.
func shutdown(server *http.Server, pool *Pool, jobs *sync.WaitGroup, grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return fmt.Errorf("requests are still under way: %w", err)
	}
	if err := pool.Drain(ctx); err != nil {
		return fmt.Errorf("receipts are not written: %w", err)
	}
	jobs.Wait()
	return nil
}
