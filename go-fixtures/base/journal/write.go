package journal

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
)

// Write writes all runs to a file, a line each for
//
//	f NAME ARGUMENTS RESULTS                                         a function; its number is that of its line
//	g RUN GOID CREATOR RUN CALL REQUEST BEFORE AFTER START           a run, its creator and that one's open call
//	c FUNCTION PARENT BEGIN END OUTCOME ARGUMENTS… RESULTS…          a call of the run before; numbers by entry
//
// Texts stand behind a ', and have no white space. It returns the number of calls. Runs that have not finished must
// stand still.
func Write(path string, signatures []Signature) (int, error) {
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	buffered := bufio.NewWriterSize(file, 1<<20)
	calls, err := write(buffered, signatures)
	if err != nil {
		return 0, err
	}
	if err := buffered.Flush(); err != nil {
		return 0, err
	}
	return calls, file.Close()
}

func write(to io.Writer, signatures []Signature) (int, error) {
	for _, f := range signatures {
		if _, err := fmt.Fprintf(to, "f '%s '%s '%s\n", f.Name, f.Arguments, f.Results); err != nil {
			return 0, err
		}
	}
	calls := 0
	for _, j := range runs {
		if j == nil {
			continue
		}
		if _, err := fmt.Fprintf(to, "g %d %d %d %d %d %d %d %d '%s\n", j.run, j.goid, j.creator, j.creatorRun,
			j.creatorCall, j.request, j.before, j.after, j.start); err != nil {
			return 0, err
		}
		var line []byte
		for i := range j.calls {
			line = j.line(line[:0], &j.calls[i], signatures)
			if _, err := to.Write(line); err != nil {
				return 0, err
			}
		}
		calls += len(j.calls)
	}
	return calls, nil
}

func (j *Journal) line(line []byte, made *call, signatures []Signature) []byte {
	number := func(n int64) { line = strconv.AppendInt(append(line, ' '), n, 10) }
	text := func(s string) { line = append(append(line, ' ', '\''), s...) }
	line = append(line, 'c')
	number(int64(made.function))
	number(int64(made.parent))
	number(int64(made.begin))
	number(int64(made.end))
	line = append(line, ' ', byte(made.outcome))
	signature := signatures[made.function]
	values := signature.Arguments
	if made.outcome == returned || made.outcome == recovered {
		values += signature.Results
	}
	for _, letter := range values {
		switch letter {
		case 'r':
			number(int64(j.run))
		case 'a':
			number(int64(made.a))
		case 'b':
			number(int64(made.b))
		case 's':
			text(made.text)
		case 'x':
			number(int64(made.x))
		case 'y':
			text(made.y)
		}
	}
	return append(line, '\n')
}
