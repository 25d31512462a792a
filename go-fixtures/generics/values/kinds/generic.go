// Package kinds holds generic functions whose calls the program writes down, and nothing else that is called.
package kinds

// Number is what Sum can add.
type Number interface {
	~int | ~int8 | ~uint16 | ~float32 | ~float64 | ~complex128
}

// Named is a constraint with a method.
type Named interface {
	comparable
	Name() string
}

// Metres is a number of its own.
type Metres int

// Name is for the constraint.
func (m Metres) Name() string { return "metres" }

// Cat and Dog have pointers that share a body.
type Cat struct {
	Lives int
}

// Dog is another.
type Dog struct {
	Tricks string
}

// Name is for the constraint.
func (c *Cat) Name() string { return "cat" }

// Name is for the constraint.
func (d *Dog) Name() string { return "dog" }

// Identity returns what it is given.
func Identity[T any](v T) T { return v }

// Swap returns two values the other way round.
func Swap[A, B any](a A, b B) (B, A) { return b, a }

// Zero returns a zero value, without an argument but the dictionary.
func Zero[T any]() (zero T) { return zero }

// Sum adds numbers up.
func Sum[N Number](numbers ...N) (sum N) {
	for _, n := range numbers {
		sum += n
	}
	return sum
}

// Keys takes a map.
func Keys[K comparable, V any](m map[K]V, more K) []K {
	return []K{more}
}

// Describe has a constraint with a method.
func Describe[T Named](v, other T) (T, bool) { return v, v == other }

// Store returns a pointer.
func Store[T any](v T) *T { return &v }

// Load takes a pointer.
func Load[T any](p *T, otherwise T) (T, bool) {
	if p == nil {
		return otherwise, false
	}
	return *p, true
}

// Hold returns a value in an interface.
func Hold[T any](v T) any { return v }

// Elements takes a slice of any kind.
func Elements[S ~[]E, E any](s S, at int) (S, E) { return s, s[at] }

// Queue takes channels and functions.
func Queue[T any](c chan T, f func(T) bool) (chan T, bool) { return c, f == nil }

// Many has more arguments than there are registers.
func Many[T, U any](a, b, c, d T, e, f, g, h U, i, j T) (U, T, [2]U) { return h, j, [2]U{e, f} }

// Pair has two type parameters.
type Pair[K comparable, V any] struct {
	Key   K
	Value V
}

// MakePair returns a struct.
func MakePair[K comparable, V any](key K, value V) Pair[K, V] { return Pair[K, V]{key, value} }

// Flip has a value as its receiver.
func (p Pair[K, V]) Flip(times int) (V, K, int) { return p.Value, p.Key, times }

// Set has a pointer as its receiver.
func (p *Pair[K, V]) Set(value V) (old V) {
	old, p.Value = p.Value, value
	return old
}

// List is linked.
type List[T any] struct {
	head *node[T]
	size int
}

type node[T any] struct {
	value T
	next  *node[T]
}

// Push puts a value in front.
func (l *List[T]) Push(value T) *List[T] {
	l.head = &node[T]{value, l.head}
	l.size++
	return l
}

// Len has a value as its receiver.
func (l List[T]) Len() int { return l.size }

// Tree embeds another generic type.
type Tree[T any] struct {
	Pair[string, T]
	Left, Right *Tree[T]
	Any         interface{ Len() int }
}

// Grow returns a tree with one more level.
func (t *Tree[T]) Grow(key string, value T) *Tree[T] {
	return &Tree[T]{Pair: Pair[string, T]{key, value}, Left: t}
}

// Set is a map with generic keys.
type Set[T comparable] map[T]struct{}

// Has has a map as its receiver.
func (s Set[T]) Has(v T) (bool, int) {
	_, has := s[v]
	return has, len(s)
}

// Outer calls another generic function with its own type argument.
func Outer[T any](v T) (T, *T) { return v, &v }

// Row is a slice with a name.
type Row []string
