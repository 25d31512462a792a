// Package yaml has a path whose last element has a dot.
package yaml

import "go.goproctor.test/wild/account"

// Node is a node.
type Node struct{ Line int }

// Decode is called with a type of its own.
func (node *Node) Decode(n int) int {
	account.Call("go.goproctor.test/wild/yaml.v3.(*Node).Decode", n)
	return node.Line + n
}
