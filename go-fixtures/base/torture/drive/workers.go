// Package drive calls the watched functions while all is disturbed.
package drive

import (
	"math/rand"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"goproctor.test/base/torture/aid"
	"goproctor.test/base/torture/look"
	"goproctor.test/base/torture/tally"
	"goproctor.test/base/torture/work"
)

// tasks are done all at a time, each again and again.
var tasks = []func(w *Worker){
	(*Worker).shapes, (*Worker).shapes, (*Worker).frames, (*Worker).frames, (*Worker).fresh, (*Worker).stacks, (*Worker).stacks,
	(*Worker).endings, (*Worker).endings, (*Worker).roots, (*Worker).reentry, (*Worker).traced,
}

// A Worker calls watched functions, each in a method of its own, and checks what they return. Its methods call nothing that is
// not known to package look.
type Worker struct {
	random dice
	pace   *tally.Pace
	// What the goroutines that it started have not done.
	group sync.WaitGroup
	kept  [64]kept
	next  int
}

// kept is a cell that is looked at again after many others were made.
type kept struct {
	cell *aid.Cell
	n    int
	of   string
}

// NewWorker makes one that does the same for the same seed.
func NewWorker(seed int, pace *tally.Pace) *Worker {
	return &Worker{random: dice{rand.New(rand.NewSource(int64(seed)))}, pace: pace}
}

// dice stand between a worker and what is not known to package look.
type dice struct{ random *rand.Rand }

func (d dice) below(n int) int { return d.random.Intn(n) }

// Below gives a number from 0 to n-1.
func (w *Worker) Below(n int) int { return w.random.below(n) }

// Keep checks a cell, now and later.
func (w *Worker) Keep(cell *aid.Cell, n int, of string) {
	cell.Check(n, of)
	w.next = (w.next + 1) % len(w.kept)
	old := &w.kept[w.next]
	if old.cell != nil {
		old.cell.Check(old.n, old.of+", later")
	}
	*old = kept{cell, n, of}
}

func (w *Worker) checkAll() {
	for _, one := range w.kept {
		if one.cell != nil {
			one.cell.Check(one.n, one.of+", at last")
		}
	}
}

// Number gives what to call with.
func (w *Worker) Number() int { return w.Below(100000) }

// Is checks a result.
func Is(of string, got, want interface{}) {
	if got != want {
		tally.Wrong("%s: %v, not %v", of, got, want)
	}
}

// shapes are the ones that only compute.
func (w *Worker) shapes() {
	calls := [...]func(w *Worker){
		(*Worker).scalar, (*Worker).leaf, (*Worker).spin, (*Worker).small, (*Worker).nosplit, (*Worker).float, (*Worker).text,
		(*Worker).many, (*Worker).wide, (*Worker).block, (*Worker).large, (*Worker).huge, (*Worker).several, (*Worker).box,
		(*Worker).adder, (*Worker).deferred, (*Worker).looping, (*Worker).reflected,
	}
	for range calls {
		calls[w.Below(len(calls))](w)
	}
}

func (w *Worker) scalar() {
	a, b := w.Number(), w.Number()
	tally.Scalar.Enter()
	got := work.Scalar(a, b)
	tally.Scalar.Return()
	Is("Scalar", got, aid.Mix(a)^aid.Mix(b))
}

func (w *Worker) leaf() {
	a, b := w.Number(), w.Number()
	tally.Leaf.Enter()
	got := work.Leaf(a, b)
	tally.Leaf.Return()
	Is("Leaf", got, a^b<<3)
}

func (w *Worker) spin() {
	n := uint(w.Number())
	tally.Spin.Enter()
	got := work.Spin(n)
	tally.Spin.Return()
	Is("Spin", got, n/4*6+[...]uint{0, 1, 3, 6}[n%4])
}

func (w *Worker) small() {
	tally.Small.Enter()
	work.Small(w.next)
	tally.Small.Return()
}

func (w *Worker) nosplit() {
	n := w.Number()
	tally.Nosplit.Enter()
	got, cell := work.Nosplit(n)
	tally.Nosplit.Return()
	Is("Nosplit", got, 2*n)
	w.Keep(cell, n, "Nosplit")
}

func (w *Worker) float() {
	a, b := float64(w.Number()), float64(w.Number())
	tally.Float.Enter()
	got, same := work.Float(a, b)
	tally.Float.Return()
	Is("Float", got, a/2+b)
	Is("Float", same, b)
}

func (w *Worker) text() {
	n := w.Number()
	tally.Text.Enter()
	got := work.Text(n)
	tally.Text.Return()
	Is("Text", got, "text-"+aid.Text(n))
}

func (w *Worker) many() {
	n := w.Number()
	tally.Many.Enter()
	cell, numbers, name, cells, err, text, last, list := work.Many(n)
	tally.Many.Return()
	w.Keep(cell, n, "Many")
	w.Keep(name.(aid.Name).Cell, n+1, "Many, the second")
	w.Keep(cells[n], n+2, "Many, the third")
	w.Keep(err.(*aid.Fault).Cell, n+3, "Many, the fourth")
	w.Keep(last, n+4, "Many, the fifth")
	if len(list) != 1 || len(numbers) != 3 || numbers[2] != n+2 || text != aid.Text(n) {
		tally.Wrong("Many: %v %v %q", list, numbers, text)
		return
	}
	w.Keep(list[0], n+5, "Many, the sixth")
}

func (w *Worker) wide() {
	n := w.Number()
	tally.Wide.Enter()
	a, b, c, d, e, f, g, h, i, j, k, l := work.Wide(n)
	tally.Wide.Return()
	for more, cell := range [...]*aid.Cell{a, b, c, d, e, f, g, h, i, j, k, l} {
		w.Keep(cell, n+more, "Wide")
	}
}

func (w *Worker) block() {
	n := w.Number()
	block := aid.Block{Text: "block-"}
	block.Numbers[5] = 5
	tally.Struct.Enter()
	got, cell := work.Struct(block, n)
	tally.Struct.Return()
	w.Keep(cell, n, "Struct")
	for i, cell := range got.Cells {
		w.Keep(cell, n+i, "Struct, one of them")
	}
	Is("Struct", got.Text, "block-"+aid.Text(n))
	Is("Struct", got.Numbers, [...]int{n, n, n, n, n, n + 5})
}

// frames are of all sizes.
func (w *Worker) frames() {
	for i := range work.Frames {
		w.frame(i)
	}
}

func (w *Worker) frame(i int) {
	n := w.Number()
	tally.Frames[i].Enter()
	block, cell := work.Frames[i](n)
	tally.Frames[i].Return()
	of := tally.Frames[i].Name
	w.Keep(cell, n, of)
	for i, cell := range block.Cells {
		w.Keep(cell, n+i, of)
	}
	Is(of, block.Text, aid.Text(n))
}

func (w *Worker) large() {
	n := w.Number()
	tally.Large.Enter()
	got, cell := work.Large(n)
	tally.Large.Return()
	Is("Large", got, aid.Sum(50, n))
	w.Keep(cell, n, "Large")
}

func (w *Worker) huge() {
	n := w.Number()
	tally.Huge.Enter()
	got, cell := work.Huge(n)
	tally.Huge.Return()
	Is("Huge", got, aid.Sum(700, n))
	w.Keep(cell, n, "Huge")
}

func (w *Worker) several() {
	n := w.Number()
	tally.Several.Enter()
	number, text, err := work.Several(n)
	tally.Several.Return()
	switch n % 7 {
	case 0:
		Is("Several", text, "zero")
		Is("Several", number, n)
	case 1:
		if err == nil {
			Is("Several", text, aid.Text(n))
			Is("Several", number, aid.Mix(n))
		} else {
			Is("Several", err, aid.ErrOdd)
			Is("Several", number, -n)
		}
	case 2:
		Is("Several", err, aid.ErrOdd)
		Is("Several", number, 2*n)
	case 4, 5:
		Is("Several", text, aid.Text(n))
		Is("Several", number, aid.Mix(n))
	case 6:
		Is("Several", text, "late")
	}
}

func (w *Worker) box() {
	n := w.Number()
	box := &work.Box{Cell: aid.New(n)}
	w.add(box, n)
	w.get(box, n)
	w.get(*box, n)
}

func (w *Worker) add(box interface{ Add(int) (int, *aid.Cell) }, n int) {
	tally.BoxAdd.Enter()
	got, cell := box.Add(n)
	tally.BoxAdd.Return()
	Is("(*Box).Add", got, n)
	w.Keep(cell, n, "(*Box).Add")
}

func (w *Worker) get(box interface{ Get(int) (*aid.Cell, int) }, n int) {
	tally.BoxGet.Enter()
	cell, got := box.Get(n)
	tally.BoxGet.Return()
	Is("Box.Get", got, 2*n)
	w.Keep(cell, n, "Box.Get")
}

func (w *Worker) adder() {
	n, m := w.Number(), w.Number()
	tally.Adder.Enter()
	add := work.Adder(n)
	tally.Adder.Return()
	tally.AdderFunc.Enter()
	cell := add(m)
	tally.AdderFunc.Return()
	w.Keep(cell, n+m, "Adder")
}

func (w *Worker) deferred() {
	n := w.Number()
	tally.Deferred.Enter()
	got, cell := work.Deferred(n)
	tally.Deferred.Return()
	want := n
	if n%5 == 0 {
		want = aid.Mix(n)
	}
	Is("Deferred", got, want+1)
	w.Keep(cell, n+1, "Deferred")
}

func (w *Worker) looping() {
	n := w.Number()
	tally.Looping.Enter()
	got, cell := work.Looping(n)
	tally.Looping.Return()
	Is("Looping", got, aid.Sum(n%5, 0))
	w.Keep(cell, n, "Looping")
}

// reflected calls in the way in which the runtime does not know what the results are while they are made.
func (w *Worker) reflected() {
	n := w.Number()
	tally.Many.Enter()
	results := reflect.ValueOf(work.Many).Call([]reflect.Value{reflect.ValueOf(n)})
	tally.Many.Return()
	w.Keep(results[0].Interface().(*aid.Cell), n, "Many by reflection")
	w.Keep(results[6].Interface().(*aid.Cell), n+4, "Many by reflection")
	w.Keep(results[7].Interface().([]*aid.Cell)[0], n+5, "Many by reflection")
}

// apart does something on a goroutine of its own, whose stack is small, and waits for its end.
func (w *Worker) apart(do func(w *Worker)) {
	ended := make(chan struct{})
	other := NewWorker(w.Number(), w.pace)
	go func() {
		// Also by runtime.Goexit.
		defer close(ended)
		do(other)
		other.checkAll()
	}()
	<-ended
}

// fresh has small stacks grow in each of the shapes.
func (w *Worker) fresh() { w.apart((*Worker).shapes) }

// stacks grow, and shrink while their goroutine waits in the middle.
func (w *Worker) stacks() {
	switch w.Below(4) {
	case 0:
		w.apart(func(w *Worker) { w.descend(1+w.Below(60), func(int) { runtime.Gosched() }) })
	case 1:
		w.apart(func(w *Worker) { w.plunge(1+w.Below(12), func(int) {}) })
	case 2:
		w.apart(func(w *Worker) {
			w.plunge(20, func(int) {})
			// Of a stack of 128 KiB no more than a quarter is in use.
			w.descend(3, func(int) { runtime.GC() })
			w.plunge(1, func(int) { time.Sleep(time.Millisecond) })
		})
	default:
		w.descend(40, func(frames int) { look.Callers("Descend", frames) })
	}
}

func (w *Worker) descend(depth int, bottom func(frames int)) {
	n := w.Number()
	tally.Descend.Enter()
	got, cell := work.Descend(depth, depth, n, bottom)
	tally.Descend.Return()
	Is("Descend", got, depth)
	w.Keep(cell, n, "Descend")
}

func (w *Worker) plunge(depth int, bottom func(frames int)) {
	n := w.Number()
	tally.Plunge.Enter()
	got, cell := work.Plunge(depth, depth, n, bottom)
	tally.Plunge.Return()
	Is("Plunge", got, depth)
	w.Keep(cell, n, "Plunge")
}

// endings are those other than by returning.
func (w *Worker) endings() {
	w.Guard()
	w.nested()
	w.apart((*Worker).quit)
	w.apart((*Worker).nested)
}

// Guard calls what panics and is recovered.
func (w *Worker) Guard() {
	n, depth := w.Number(), w.Below(12)
	tally.Guard.Enter()
	got, cell, err := work.Guard(depth, n)
	tally.Guard.Return()
	if depth == 0 {
		Is("Guard", got, n+1)
		w.Keep(cell, n, "Guard")
		return
	}
	Is("Guard", got, -n)
	Is("Guard", err != nil, true)
	w.Keep(cell, n+1, "Guard")
}

func (w *Worker) nested() {
	n, depth := w.Number(), 1+w.Below(8)
	tally.Nested.Enter()
	got, cell := work.Nested(depth, n)
	tally.Nested.Return()
	Is("Nested", got, n)
	w.Keep(cell, n, "Nested")
}

func (w *Worker) quit() {
	tally.Quit.Enter()
	work.Quit(1+w.Below(8), w.Number())
	tally.Quit.Return()
	tally.Wrong("Quit has returned")
}

// roots are goroutines that a watched function is all of.
func (w *Worker) roots() {
	n := w.Number()
	made := make(chan *aid.Cell)
	go work.Root(n, func(cell *aid.Cell) { made <- cell })
	go work.Bare()
	w.Keep(<-made, n, "Root")
	go work.Bare()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer work.Bare()
	}()
	<-ended
}

// finalizers is how many have not run.
var finalizers int64

// reentry has finalizers and timers call.
func (w *Worker) reentry() {
	for i := 0; i < 4; i++ {
		n := w.Number()
		atomic.AddInt64(&finalizers, 1)
		runtime.SetFinalizer(aid.New(n), finalize)
		w.group.Add(1)
		time.AfterFunc(time.Duration(w.Below(3000))*time.Microsecond, func() {
			defer w.group.Done()
			tally.Ticked.Enter()
			got, made := work.Ticked(n)
			tally.Ticked.Return()
			Is("Ticked", got, aid.Text(n))
			made.Check(n, "Ticked")
		})
	}
	time.Sleep(time.Millisecond)
}

func finalize(cell *aid.Cell) {
	n := cell.N
	cell.Check(n, "what is finalized")
	tally.Finalized.Enter()
	got, made := work.Finalized(n)
	tally.Finalized.Return()
	Is("Finalized", got, aid.Mix(n))
	made.Check(n, "Finalized")
	atomic.AddInt64(&finalizers, -1)
}

// traced looks at the own stack from within calls.
func (w *Worker) traced() {
	n := w.Number()
	tally.Traced.Enter()
	cell := work.Traced(n, func() { look.Own("Traced", 1) })
	tally.Traced.Return()
	w.Keep(cell, n, "Traced")
	w.descend(1+w.Below(30), func(frames int) { look.Own("Descend", frames) })
	w.plunge(1+w.Below(10), func(frames int) { look.Own("Plunge", frames) })
	time.Sleep(time.Millisecond)
}
