package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
)

// Pool packs parcels.
type Pool struct {
	queue chan *Job
}

func newPool(workers int) *Pool {
	pool := &Pool{queue: make(chan *Job)}
	for i := 0; i < workers; i++ {
		go pool.work()
	}
	return pool
}

// pack has jobs done, whoever does them, and gives the parcels in the order of the jobs.
func (p *Pool) pack(jobs []*Job) []*Parcel {
	for _, job := range jobs {
		job.done = make(chan *Parcel, 1)
		p.submit(job)
	}
	var parcels []*Parcel
	for _, job := range jobs {
		parcel := <-job.done
		parcels = append(parcels, parcel)
	}
	sign(len(parcels))
	return parcels
}

func (p *Pool) submit(job *Job) {
	p.queue <- job
}

func (p *Pool) work() {
	for job := range p.queue {
		process(job)
	}
}

// process packs one parcel, and says so whatever happens.
func process(job *Job) {
	parcel := guarded(job)
	seal(job.ID)
	weigh(parcel)
	job.done <- parcel
}

// guarded does not panic.
func guarded(job *Job) (parcel *Parcel) {
	defer func() {
		if problem := recover(); problem != nil {
			parcel = &Parcel{ID: job.ID, Error: fmt.Sprint(problem)}
		}
	}()
	return wrap(job)
}

// wrap panics for what can't be packed.
func wrap(job *Job) *Parcel {
	if job.Weight > 90 {
		panic("too heavy")
	}
	parcel := &Parcel{ID: job.ID, Price: priceOf(job.Weight, job.To.Zone)}
	if err := stamp(parcel, job.Label); err != nil {
		parcel.Error = err.Error()
	}
	return parcel
}

func priceOf(weight, zone int) int {
	return weight*2 + zone*5
}

// stamp tries to put a mark on a parcel.
func stamp(parcel *Parcel, label string) error {
	for attempt := 1; attempt <= 3; attempt++ {
		if err := press(parcel, label, attempt); err == nil {
			return nil
		}
	}
	return errors.New("no mark")
}

// press works at the second time for odd parcels.
func press(parcel *Parcel, label string, attempt int) error {
	if parcel.ID%2 == 1 && attempt == 1 {
		return errors.New("it slips")
	}
	parcel.Marks = append(parcel.Marks, label)
	return nil
}

// rounds is how often a parcel is sealed.
const rounds = 1000

// seal takes its time.
func seal(id int) {
	sum := sha256.Sum256([]byte{byte(id)})
	for i := 0; i < rounds; i++ {
		sum = sha256.Sum256(sum[:])
	}
}

func weigh(parcel *Parcel) {}

func sign(count int) {}
