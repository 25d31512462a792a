// Package compare has a method whose wrapper calls what the method calls.
package compare

// Names are sorted by compare.
type Names []string

// Less is small enough to be inlined in the wrapper through which pointers and interfaces call it.
func (names Names) Less(i, j int) bool { return compare(names[i], names[j]) < 0 }

//go:noinline
func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Lesser is what can compare two of its elements.
type Lesser interface {
	Less(i, j int) bool
}

// Count counts the elements that are less than the first one, through an interface.
//
//go:noinline
func Count(names Lesser, length int) int {
	count := 0
	for i := 1; i < length; i++ {
		if names.Less(i, 0) {
			count++
		}
	}
	return count
}

// Direct calls compare once more.
//
//go:noinline
func Direct(a, b string) int { return compare(a, b) }
