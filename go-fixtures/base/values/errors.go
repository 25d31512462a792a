package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"goproctor.test/base/values/account"
	"goproctor.test/base/values/kinds"
)

// failures calls functions with errors of all kinds.
func failures(a *account.Account) {
	_, number := strconv.Atoi("no number")
	for _, err := range []error{
		nil,
		errors.New("new"),
		io.EOF,
		fmt.Errorf("formatted %d", 1),
		fmt.Errorf("wrapped: %w", io.EOF),
		kinds.Failure{Op: "read", Code: 1},
		&kinds.Failure{Op: "pointer", Code: 2},
		&kinds.Trouble{Path: "a", Err: kinds.Code(3)},
		(*kinds.Trouble)(nil),
		kinds.Code(0),
		&os.PathError{Op: "open", Path: "/x", Err: errors.New("gone")},
		number,
	} {
		a.Call(kinds.Pass, err)
	}
	for _, how := range []string{"", "new", "wrapped", "twice", "struct", "code", "typed nil", "path"} {
		a.Call(kinds.Fail, how)
	}
	a.Call(kinds.Wrap, "context", io.EOF)
	a.Call(kinds.Wrap, "context", &os.PathError{Op: "read", Path: "/b", Err: io.ErrUnexpectedEOF})
	a.Call(kinds.Report, kinds.Outcome{Done: true})
	a.Call(kinds.Report, kinds.Outcome{Err: io.EOF, All: []error{io.EOF, nil, kinds.Code(1)}})
}
