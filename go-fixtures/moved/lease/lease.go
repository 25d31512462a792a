// Package lease frees what was not returned in time.
//
// Before Go 1.23, a timer's time waits in its channel until somebody takes it: asynctimerchan.
package lease

import "time"

// A Lease ends after a while.
type Lease struct {
	item  string
	timer *time.Timer
}

// New lends an item for some time.
func New(item string, d time.Duration) *Lease {
	return &Lease{item, time.NewTimer(d)}
}

// Overdue looks whether the time has come, and leaves it in the channel for whoever waits.
func (l *Lease) Overdue() bool {
	return len(l.timer.C) > 0
}

// Sweep frees the items that are overdue.
func Sweep(leases []*Lease) int {
	freed := 0
	for _, l := range leases {
		if l.Overdue() {
			free(l.item)
			freed++
		}
	}
	return freed
}

func free(item string) {}
