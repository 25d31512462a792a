package main

import "sync"

// plan makes a job of each weight. The address is looked up meanwhile.
func plan(weights []int, city string) []*Job {
	found := make(chan Address)
	go locate(city, found)
	jobs := make([]*Job, len(weights))
	var done sync.WaitGroup
	for i, weight := range weights {
		done.Add(1)
		go func() {
			defer done.Done()
			jobs[i] = job(i+1, weight)
		}()
	}
	done.Wait()
	to := <-found
	for _, job := range jobs {
		address(job, to)
	}
	return jobs
}

// locate finds an address, and sends it.
func locate(city string, found chan<- Address) {
	zone := zoneOf(city)
	found <- Address{City: city, Zone: zone}
}

func zoneOf(city string) int {
	if city == "Oslo" {
		return 3
	}
	return 1
}

func job(id, weight int) *Job {
	return &Job{ID: id, Weight: weight, Label: label(id)}
}

func label(id int) string {
	return string(rune('A' + id))
}

func address(job *Job, to Address) {
	job.To = to
}
