package lease

import (
	"testing"
	"time"
)

func TestSweep(t *testing.T) {
	leases := []*Lease{New("bike", time.Millisecond), New("boat", time.Hour)}
	time.Sleep(20 * time.Millisecond)
	t.Log(Sweep(leases))
}
