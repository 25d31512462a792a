package kinds

// Echo returns a string of any length.
func Echo(s string) string { return s }

// EchoBytes returns bytes of any number.
func EchoBytes(b []byte) []byte { return b }

// Letters are named bytes.
type Letters []byte

// Letter is a named byte.
type Letter byte

// EchoLetters returns named bytes.
func EchoLetters(l Letters) Letters { return l }

// SpellLetters takes a slice of named bytes without a name of its own.
func SpellLetters(l []Letter) [2]Letter { return [2]Letter{l[0], l[1]} }

// Signed takes a slice of signed bytes, which is no text.
func Signed(b []int8) [2]int8 { return [2]int8{b[0], b[1]} }

// Hash returns an array of bytes.
func Hash(seed byte) (sum [32]byte) {
	for i := range sum {
		sum[i] = seed + byte(7*i)
	}
	return sum
}

// Page takes more bytes than are shown.
func Page(page *[300]byte) [300]byte { return *page }

// Title is a named string.
type Title string

// Upper has a string as its receiver.
func (t Title) Upper(suffix Title) Title { return t + suffix }

// Alias is another name of string.
type Alias = string

// Rename takes an alias.
func Rename(a Alias) []Alias { return []Alias{a, a} }
