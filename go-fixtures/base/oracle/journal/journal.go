// Package journal writes down the calls that a goroutine makes, by its own account.
package journal

import (
	"bufio"
	"encoding/json"
	"os"

	"goproctor.test/base/goroutine"
)

// None is the parent of a call that no other recorded call made.
const None = -1

// A Record is one call: a line of the log.
type Record struct {
	Goroutine uint64        `json:"goroutine"`
	Number    int           `json:"number"`    // among the goroutine's calls, by entry, from 0
	Parent    int           `json:"parent"`    // the Number of the call that made it, or None
	Function  string        `json:"function"`  // as Go's symbols name it
	Arguments []interface{} `json:"arguments"` // one for each parameter, receiver first, as goproctor writes it
	Results   []interface{} `json:"results"`
}

// A Journal holds the calls of one goroutine.
type Journal struct {
	goroutine uint64
	records   []Record
	open      int
}

// New returns a journal of the calling goroutine.
func New() *Journal {
	return &Journal{goroutine: goroutine.ID(), open: None}
}

// A Pointer is what a pointer leads to, as goproctor writes it.
type Pointer struct {
	To interface{} `json:"pointer"`
}

// A State is a journal read one level deep: how many records there are, but none of them.
type State struct {
	Goroutine uint64 `json:"goroutine"`
	Records   unread `json:"records"`
	Open      int    `json:"open"`
}

// unread is a slice of which only the length is read.
type unread struct {
	Elements [0]int `json:"elements"`
	Full     int    `json:"full"`
}

// Next returns the journal, as an argument of the call that is written down next, as it is when that call begins.
func (j *Journal) Next() Pointer {
	number := len(j.records)
	return Pointer{To: State{Goroutine: j.goroutine, Records: unread{Full: number + 1}, Open: number}}
}

// Enter writes down that a function is about to be called, and returns the call's number.
func (j *Journal) Enter(function string, arguments ...interface{}) int {
	number := len(j.records)
	j.records = append(j.records, Record{
		Goroutine: j.goroutine,
		Number:    number,
		Parent:    j.open,
		Function:  function,
		Arguments: arguments,
	})
	j.open = number
	return number
}

// Leave writes down what a call returned.
func (j *Journal) Leave(call int, results ...interface{}) {
	record := &j.records[call]
	record.Results = results
	j.open = record.Parent
}

// Len returns the number of calls.
func (j *Journal) Len() int {
	return len(j.records)
}

// Write writes journals to a file, a JSON object a line, goroutine by goroutine.
func Write(path string, journals []*Journal) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	buffered := bufio.NewWriterSize(file, 1<<20)
	encoder := json.NewEncoder(buffered)
	for _, j := range journals {
		for i := range j.records {
			if err := encoder.Encode(&j.records[i]); err != nil {
				return err
			}
		}
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return file.Close()
}
