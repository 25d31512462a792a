package kinds

import (
	"errors"
	"fmt"
	"os"
)

// ErrBase is an error that others wrap.
var ErrBase = errors.New("base")

// Failure is an error that is a struct.
type Failure struct {
	Op   string
	Code int
}

func (f Failure) Error() string { return f.Op }

// Trouble is an error that is a pointer.
type Trouble struct {
	Path string
	Err  error
}

func (t *Trouble) Error() string { return t.Path + ": " + t.Err.Error() }

// Unwrap returns what is wrapped.
func (t *Trouble) Unwrap() error { return t.Err }

// Pass returns an error.
func Pass(err error) error { return err }

// Fail returns an error of one of several kinds.
func Fail(how string) (n int, err error) {
	switch how {
	case "new":
		err = ErrBase
	case "wrapped":
		err = &Trouble{"path", ErrBase}
	case "twice":
		err = &Trouble{"outer", &Trouble{"inner", ErrBase}}
	case "struct":
		err = Failure{"op", 5}
	case "code":
		err = Code(404)
	case "typed nil":
		var none *Trouble
		err = none
	case "path":
		err = &os.PathError{Op: "open", Path: "/nowhere", Err: os.ErrNotExist}
	}
	return len(how), err
}

// Wrap returns an error of package fmt.
func Wrap(text string, err error) error { return fmt.Errorf("%s: %w", text, err) }

// Outcome has an error in it.
type Outcome struct {
	Done bool
	Err  error
	All  []error
}

// Report takes a struct with errors.
func Report(o Outcome) (Outcome, error) { return o, o.Err }
