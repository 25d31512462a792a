// Package outside holds what the functions of package kinds call themselves: nobody watches it.
package outside

// Set is deferred.
func Set(n *int, to int) { *n = to }

// Rescue is deferred, and recovers from a panic.
func Rescue(err *error, with error) {
	if recover() != nil {
		*err = with
	}
}
