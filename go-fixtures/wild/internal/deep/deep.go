// Package deep is internal.
package deep

import "go.goproctor.test/wild/account"

// Down is called.
func Down(n int) int { account.Call("go.goproctor.test/wild/internal/deep.Down", n); return n }
