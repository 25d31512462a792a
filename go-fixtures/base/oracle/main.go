// Oracle calls the functions of package work from several goroutines, while memory is collected, goroutines are
// preempted and stacks grow, and writes down every one of these calls. Whoever watches the program must see
// the same.
package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"goproctor.test/base/oracle/journal"
	"goproctor.test/base/oracle/work"
)

var (
	calls      = flag.Int("calls", 200000, "how many calls to make")
	goroutines = flag.Int("goroutines", 8, "how many goroutines make them")
	logFile    = flag.String("log", "", "the `file` to write the calls to")
	serve      = flag.Bool("serve", false, "wait for GET /run, once for each run, instead of running at once")
	listen     = flag.String("listen", "127.0.0.1:8080", "the `address` to serve on")
)

func main() {
	flag.Parse()
	if *calls < 0 || *goroutines < 1 {
		log.Fatal("-calls must be at least 0 and -goroutines at least 1")
	}
	if *serve {
		http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
		http.HandleFunc("/run", answer)
		log.Fatal(http.ListenAndServe(*listen, nil))
	}
	summary, err := run()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintln(os.Stdout, summary)
}

// answer runs and says how it went.
func answer(w http.ResponseWriter, _ *http.Request) {
	summary, err := run()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintln(w, summary)
}

// run makes all the calls and writes the log.
func run() (string, error) {
	debug.SetGCPercent(20)
	stop := make(chan struct{})
	go disturb(stop)

	journals := make([]*journal.Journal, *goroutines)
	var done sync.WaitGroup
	for i := range journals {
		done.Add(1)
		quota := *calls / *goroutines
		if i < *calls%*goroutines {
			quota++
		}
		go func(i, quota int) {
			defer done.Done()
			journals[i] = labour(rand.New(rand.NewSource(int64(i))), quota)
		}(i, quota)
	}
	done.Wait()
	close(stop)

	made := 0
	for _, j := range journals {
		made += j.Len()
	}
	if *logFile != "" {
		if err := journal.Write(*logFile, journals); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d calls from %d goroutines", made, len(journals)), nil
}

// disturb collects memory again and again.
func disturb(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(10 * time.Millisecond):
			runtime.GC()
		}
	}
}

// labour makes exactly quota calls.
func labour(random *rand.Rand, quota int) *journal.Journal {
	j := journal.New()
	counter := new(work.Counter)
	for step := 0; j.Len() < quota; step++ {
		left := quota - j.Len()
		switch choice := step % 12; {
		case choice == 0 && left > 60:
			climb(j, random.Intn(60), text(random))
		case choice == 1 && left >= 4:
			order(j, text(random), random.Intn(1000), random.Intn(2) == 0)
		case choice == 2:
			draw(j)
		case choice == 3:
			halve(j, 2+random.Uint64()>>uint(random.Intn(63)))
		case choice == 4:
			pick(j, text(random), text(random), random.Intn(2) == 0)
		case choice == 5:
			divide(j, int64(random.Uint64()), int64(random.Intn(5)))
		case choice == 6:
			wide(j, random)
		case choice == 7:
			shout(j, text(random), random.Intn(4))
		case choice == 8:
			join(j, work.Pair{Left: text(random), Right: text(random)}, text(random))
		case choice == 9:
			increase(j, counter, random.Intn(100)-50)
		default:
			add(j, random.Int()-random.Int(), random.Int())
		}
		if step%64 == 0 {
			runtime.Gosched()
		}
	}
	return j
}

// text returns a string of 0 to 19 characters, some of which need more than a byte.
func text(random *rand.Rand) string {
	letters := []string{"a", "B", "7", " ", "é", "世", "\x00", "\"", "\n", "🙂"}
	var b strings.Builder
	for n := random.Intn(20); n > 0; n-- {
		b.WriteString(letters[random.Intn(len(letters))])
	}
	return b.String()
}

func climb(j *journal.Journal, depth int, name string) {
	call := j.Enter("goproctor.test/base/oracle/work.Climb", j.Next(), depth, name)
	j.Leave(call, work.Climb(j, depth, name))
}

func order(j *journal.Journal, item string, quantity int, express bool) {
	call := j.Enter("goproctor.test/base/oracle/work.Order", j.Next(), item, quantity, express)
	text, total := work.Order(j, item, quantity, express)
	j.Leave(call, text, total)
}

func draw(j *journal.Journal) {
	call := j.Enter("goproctor.test/base/oracle/work.Draw")
	j.Leave(call, work.Draw())
}

func halve(j *journal.Journal, n uint64) {
	call := j.Enter("goproctor.test/base/oracle/work.Halve", n)
	j.Leave(call, work.Halve(n))
}

func add(j *journal.Journal, a, b int) {
	call := j.Enter("goproctor.test/base/oracle/work.Add", a, b)
	j.Leave(call, work.Add(a, b))
}

func pick(j *journal.Journal, first, second string, wantFirst bool) {
	call := j.Enter("goproctor.test/base/oracle/work.Pick", first, second, wantFirst)
	j.Leave(call, work.Pick(first, second, wantFirst))
}

func divide(j *journal.Journal, dividend, divisor int64) {
	call := j.Enter("goproctor.test/base/oracle/work.Divide", dividend, divisor)
	quotient, remainder, ok := work.Divide(dividend, divisor)
	j.Leave(call, quotient, remainder, ok)
}

func wide(j *journal.Journal, random *rand.Rand) {
	bits := random.Uint64()
	a, b, c, d := int(bits), text(random), bits&1 == 0, int8(bits>>3)
	e, f, g, h := uint16(bits>>5), int32(bits>>7), bits, text(random)
	i, k, l, m := int16(bits>>11), uint8(bits>>13), uint32(bits>>17), text(random)
	n, o, p := -int64(bits>>1), bits&2 == 0, uintptr(bits>>19)
	call := j.Enter("goproctor.test/base/oracle/work.Wide", a, b, c, d, e, f, g, h, i, k, l, m, n, o, p)
	q, r, s, t, u, v, w, x, y, z, aa, bb := work.Wide(a, b, c, d, e, f, g, h, i, k, l, m, n, o, p)
	j.Leave(call, q, r, s, t, u, v, w, x, y, z, aa, bb)
}

func shout(j *journal.Journal, s string, times int) {
	call := j.Enter("goproctor.test/base/oracle/work.Shout", s, times)
	j.Leave(call, work.Shout(s, times))
}

func join(j *journal.Journal, pair work.Pair, separator string) {
	call := j.Enter("goproctor.test/base/oracle/work.Pair.Join", pair, separator)
	j.Leave(call, pair.Join(separator))
}

func increase(j *journal.Journal, counter *work.Counter, by int) {
	call := j.Enter("goproctor.test/base/oracle/work.(*Counter).Increase", journal.Pointer{To: *counter}, by)
	j.Leave(call, counter.Increase(by))
}
