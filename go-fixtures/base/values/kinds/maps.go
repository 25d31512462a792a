package kinds

// Key is a struct that is a key.
type Key struct {
	Name string
	Part int8
	Flag bool
}

// Block is larger than a map keeps in place.
type Block struct {
	ID   int
	Rest [20]int64
}

// Hundred is exactly as large as a map keeps in place.
type Hundred struct {
	ID   int32
	Rest [31]int32
}

// Inventory is a named map.
type Inventory map[string]int

// Add has a map as its receiver.
func (i Inventory) Add(name string, count int) int {
	i[name] += count
	return i[name]
}

// Registry is a map of itself.
type Registry map[string]Registry

// ByInt takes a map of any size.
func ByInt(m map[int]int) map[int]int { return m }

// ByString takes a map of any size.
func ByString(m map[string]string) map[string]string { return m }

// ByByte has small keys.
func ByByte(m map[uint8]bool) map[uint8]bool { return m }

// ByInt32 has keys with runtime functions of their own.
func ByInt32(m map[int32]int64) map[int32]int64 { return m }

// ByUint64 has keys with runtime functions of their own.
func ByUint64(m map[uint64]struct{}) map[uint64]struct{} { return m }

// ByFloat has floats as keys.
func ByFloat(m map[float64]string) map[float64]string { return m }

// ByBool has two keys.
func ByBool(m map[bool]string) map[bool]string { return m }

// ByArray has arrays as keys.
func ByArray(m map[[2]int16]string) map[[2]int16]string { return m }

// ByStruct has structs as keys.
func ByStruct(m map[Key]int) map[Key]int { return m }

// ByAny has interfaces as keys.
func ByAny(m map[interface{}]string) map[interface{}]string { return m }

// ByShape has interfaces with methods as keys.
func ByShape(m map[Shape]string) map[Shape]string { return m }

// ByPointer has pointers as keys.
func ByPointer(m map[*Point]int) map[*Point]int { return m }

// ByComplex has complex keys.
func ByComplex(m map[complex128]int) map[complex128]int { return m }

// ByChannel has channels as keys.
func ByChannel(m map[chan int]string) map[chan int]string { return m }

// ByBlock has keys that the map does not keep in place.
func ByBlock(m map[[20]int64]int) map[[20]int64]int { return m }

// OfBlock has values that the map does not keep in place.
func OfBlock(m map[int]Block) map[int]Block { return m }

// BlockOfBlock has both.
func BlockOfBlock(m map[[20]int64]Block) int { return len(m) }

// OfHundred has values of 128 bytes.
func OfHundred(m map[int]Hundred) map[int]Hundred { return m }

// OfNothing is a set.
func OfNothing(m map[string]struct{}) map[string]struct{} { return m }

// OfMaps is a map of maps.
func OfMaps(m map[string]map[string]int) map[string]map[string]int { return m }

// OfSlices is a map of slices.
func OfSlices(m map[string][]string) map[string][]string { return m }

// OfPointers is a map of pointers.
func OfPointers(m map[string]*Node) map[string]*Node { return m }

// OfAny is a map of interfaces.
func OfAny(m map[string]interface{}) map[string]interface{} { return m }

// OfFuncs is a map of functions.
func OfFuncs(m map[string]func(int) int) map[string]func(int) int { return m }

// OfStructs is a map of structs.
func OfStructs(m map[int]Base) map[int]Base { return m }

// OfBytes is a map of bytes after larger keys.
func OfBytes(m map[int64]byte) map[int64]byte { return m }

// OfItself is a map of maps of its own type.
func OfItself(r Registry) Registry { return r }

// Behind takes a pointer to a map.
func Behind(m *map[string]int) map[string]int { return *m }

// Fill returns a map that it made.
func Fill(count int) map[int]string {
	m := map[int]string{}
	for i := 0; i < count; i++ {
		m[i] = "filled"
	}
	return m
}

// Thin deletes from a map.
func Thin(m map[int]int, keep int) map[int]int {
	for key := range m {
		if key%keep != 0 {
			delete(m, key)
		}
	}
	return m
}
