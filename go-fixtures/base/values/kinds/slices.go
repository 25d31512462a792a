package kinds

// Rows are slices of slices.
func Rows(rows [][]int) [][]int { return rows }

// Cubes are three levels of slices.
func Cubes(cubes [][][]string) (first [][]string) { return cubes[0] }

// Deep are more levels of slices than are shown.
func Deep(deep [][][][][]int) [][][][]int { return deep[0] }

// Records are a slice of maps.
func Records(records []map[string]int) []map[string]int { return records }

// Corners are a slice of pointers.
func Corners(corners []*Point) []*Point { return corners }

// Values are a slice of interfaces.
func Values(values []interface{}) []interface{} { return values }

// Shapes are a slice of interfaces with methods.
func Shapes(shapes []Shape) []Shape { return shapes }

// Path is a slice of structs.
func Path(path []Point) []Point { return path }

// Wide takes a slice of large structs.
func Wide(all []Large) Large { return all[0] }

// Nothings is a slice of values without a size.
func Nothings(all []struct{}) int { return len(all) }

// Middle returns a part of a slice.
func Middle(all []int, low, high int) []int { return all[low:high] }

// Callbacks are a slice of functions.
func Callbacks(all []func(int) int) []func(int) int { return all }

// Tree is a slice of itself.
type Tree []Tree

// Branches takes a slice that may contain itself.
func Branches(t Tree) Tree { return t }

// Numbers is a named slice with a method.
type Numbers []int

// Sum has a slice as its receiver.
func (n Numbers) Sum() (sum int) {
	for _, one := range n {
		sum += one
	}
	return sum
}

// Push has a pointer to a slice as its receiver.
func (n *Numbers) Push(one int) Numbers {
	*n = append(*n, one)
	return *n
}
