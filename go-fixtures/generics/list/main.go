// List calls generic functions and methods, with type arguments that share a body and with some that do not.
package main

import "fmt"

// Number is what Sum can add.
type Number interface {
	~int | ~int64 | ~float64
}

// Map applies a function to each element.
func Map[T, U any](elements []T, apply func(T) U) []U {
	mapped := make([]U, 0, len(elements))
	for _, element := range elements {
		mapped = append(mapped, apply(element))
	}
	return mapped
}

// Sum adds numbers up.
func Sum[N Number](numbers ...N) (sum N) {
	for _, number := range numbers {
		sum += number
	}
	return sum
}

// First is small enough to be inlined.
func First[T any](first, _ T) T { return first }

// List is a singly linked list.
type List[T any] struct {
	head *node[T]
	size int
}

type node[T any] struct {
	value T
	next  *node[T]
}

// Push puts a value in front.
func (l *List[T]) Push(value T) {
	l.head = &node[T]{value, l.head}
	l.size++
}

// Len has a value receiver.
func (l List[T]) Len() int { return l.size }

// Each calls visit for every value.
func (l *List[T]) Each(visit func(T)) {
	for n := l.head; n != nil; n = n.next {
		func() { visit(n.value) }()
	}
}

// Pair has two type parameters.
type Pair[K comparable, V any] struct {
	Key   K
	Value V
}

// Swap gives the pair the other way round.
func Swap[K, V comparable](p Pair[K, V]) Pair[V, K] {
	return Pair[V, K]{p.Value, p.Key}
}

type cat struct{ name string }

type dog struct{ name string }

func main() {
	fmt.Println(Map([]int{1, 2, 3}, func(n int) string { return fmt.Sprint(n * n) }))
	fmt.Println(Map([]string{"a", "bc"}, func(s string) int { return len(s) }))
	fmt.Println(Sum(1, 2, 3), Sum(1.5, 2.5), First("a", "b"), First(1, 2))

	cats, dogs, numbers := new(List[*cat]), new(List[*dog]), new(List[int])
	cats.Push(&cat{"Tom"})
	dogs.Push(&dog{"Rex"})
	numbers.Push(1)
	numbers.Push(2)
	cats.Each(func(c *cat) { fmt.Println(c.name) })
	dogs.Each(func(d *dog) { fmt.Println(d.name) })
	fmt.Println(cats.Len(), dogs.Len(), numbers.Len())
	fmt.Println(Swap(Pair[string, int]{"a", 1}))
}
