package look

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/ioutil"
	"sync/atomic"

	"goproctor.test/base/torture/tally"
)

var samples, strayed int64

// Samples is how many samples the profiles of the processor had.
func Samples() int64 { return atomic.LoadInt64(&samples) }

// Strayed is in how many of them a function was met in one that it does not call.
func Strayed() int64 { return atomic.LoadInt64(&strayed) }

// Processor looks at a profile of the processor (proto/profile.proto of github.com/google/pprof).
func Processor(profile []byte) {
	if err := processor(profile); err != nil {
		tally.Wrong("the profile: %v", err)
	}
}

type sample struct {
	count     uint64
	locations []uint64
}

func processor(profile []byte) error {
	reader, err := gzip.NewReader(bytes.NewReader(profile))
	if err != nil {
		return err
	}
	message, err := ioutil.ReadAll(reader)
	if err != nil {
		return err
	}
	var (
		texts     []string
		all       []sample
		names     = map[uint64]uint64{}   // of functions
		functions = map[uint64][]uint64{} // of locations, the innermost first
	)
	err = fields(message, func(field, _ uint64, bytes []byte) error {
		switch field {
		case 2:
			var one sample
			all = append(all, one)
			return fields(bytes, func(field, value uint64, bytes []byte) error {
				numbers := []uint64{value}
				if bytes != nil {
					numbers = packed(bytes)
				}
				last := &all[len(all)-1]
				switch {
				case field == 1:
					last.locations = append(last.locations, numbers...)
				case field == 2 && last.count == 0:
					last.count = numbers[0]
				}
				return nil
			})
		case 4:
			var id uint64
			return fields(bytes, func(field, value uint64, bytes []byte) error {
				switch field {
				case 1:
					id = value
				case 4:
					return fields(bytes, func(field, value uint64, _ []byte) error {
						if field == 1 {
							functions[id] = append(functions[id], value)
						}
						return nil
					})
				}
				return nil
			})
		case 5:
			var id uint64
			return fields(bytes, func(field, value uint64, _ []byte) error {
				switch field {
				case 1:
					id = value
				case 2:
					names[id] = value
				}
				return nil
			})
		case 6:
			texts = append(texts, string(bytes))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, one := range all {
		atomic.AddInt64(&samples, int64(one.count))
		var stack []string
		for _, location := range one.locations {
			for _, function := range functions[location] {
				if number := names[function]; number < uint64(len(texts)) {
					stack = append(stack, texts[number])
				}
			}
		}
		if len(stack) > 1 && strays(stack[0], stack[1]) {
			atomic.AddInt64(&strayed, int64(one.count))
		}
	}
	return nil
}

var errMalformed = errors.New("malformed")

// fields gives the fields of a message: a number, or bytes.
func fields(message []byte, take func(field, value uint64, bytes []byte) error) error {
	for len(message) > 0 {
		var key, value uint64
		var bytes []byte
		key, message = number(message)
		switch key & 7 {
		case 0:
			value, message = number(message)
		case 2:
			value, message = number(message)
			if value > uint64(len(message)) {
				return errMalformed
			}
			bytes, message = message[:value:value], message[value:]
		default:
			return errMalformed
		}
		if err := take(key>>3, value, bytes); err != nil {
			return err
		}
	}
	return nil
}

func packed(bytes []byte) (numbers []uint64) {
	for len(bytes) > 0 {
		var n uint64
		n, bytes = number(bytes)
		numbers = append(numbers, n)
	}
	return numbers
}

// number takes a variable-length number off the begin.
func number(bytes []byte) (number uint64, rest []byte) {
	for shift := uint(0); len(bytes) > 0; shift += 7 {
		digit := bytes[0]
		bytes = bytes[1:]
		number |= uint64(digit&0x7f) << shift
		if digit < 0x80 {
			break
		}
	}
	return number, bytes
}
