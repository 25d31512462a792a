package kinds

// Receive takes a channel in each direction.
func Receive(both chan int, in <-chan string, out chan<- Point) (chan int, <-chan string, chan<- Point) {
	return both, in, out
}

// Made returns a channel with elements in it.
func Made(elements, capacity int) chan struct{} {
	c := make(chan struct{}, capacity)
	for i := 0; i < elements; i++ {
		c <- struct{}{}
	}
	return c
}

// Worker has channels in it.
type Worker struct {
	Jobs chan func()
	Quit chan struct{}
	Feed chan chan int
}

// Start takes a struct of channels.
func Start(w *Worker) Worker { return *w }
