package kinds

// Node is linked to others.
type Node struct {
	Value       int
	Left, Right *Node
}

// Ring is linked in a circle.
type Ring struct {
	Name string
	Next *Ring
	back *Ring
}

// Self is a pointer that can point to itself.
type Self *Self

// Holder points to itself through an interface, a slice or a map.
type Holder struct {
	Any  interface{}
	List []*Holder
	Map  map[string]*Holder
}

// Walk takes a tree.
func Walk(root *Node) (left, right *Node) {
	if root == nil {
		return nil, nil
	}
	return root.Left, root.Right
}

// Turn takes a ring.
func Turn(r *Ring) *Ring { return r.Next }

// Point2 takes pointers to pointers.
func Point2(p **int) *int {
	if p == nil {
		return nil
	}
	return *p
}

// Point5 takes more pointers in a row than are shown.
func Point5(p *****int) ****int { return *p }

// Loop takes a pointer to itself.
func Loop(s Self) Self { return s }

// Hug takes what holds itself.
func Hug(h *Holder) *Holder { return h }

// Same takes the same pointer twice, which is no cycle.
func Same(p, q *Node) (bool, *Node) { return p == q, p }

// Pair2 returns a struct with the same pointer twice, which is no cycle.
func Pair2(p *Point) (pair [2]*Point) { return [2]*Point{p, p} }

// Out writes to where a pointer points.
func Out(p *int, to int) {
	*p = to
}

// OnStack is called with a pointer into the caller's frame.
func OnStack(p *Point, s *string) int { return int(p.X) + len(*s) }

// First returns a pointer into an array.
func First(all *[3]Point) *Point { return &all[1] }

// Strings takes a pointer to a slice.
func StringsOf(all *[]string) *string { return &(*all)[0] }
