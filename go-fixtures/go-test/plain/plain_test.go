package plain

import "testing"

func TestDouble(t *testing.T) {
	for name, n := range map[string]int{"zero": 0, "one": 1} {
		t.Run(name, func(t *testing.T) {
			if Double(n) != n+n {
				t.Error(Double(n))
			}
		})
	}
}
