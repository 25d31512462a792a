package main

import (
	"context"
	"log/slog"
	"time"
)

// cleanEvery cleans the store at each tick until the context ends.
func cleanEvery(ctx context.Context, store *Store, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			deleted, err := store.DeleteSessions(ctx, now)
			switch {
			case err != nil && ctx.Err() == nil:
				slog.Error("deleting expired sessions", "error", err)
			case deleted > 0:
				slog.Info("deleted expired sessions", "count", deleted)
			}
		}
	}
}
