package work

import "goproctor.test/base/journal"

// Rise, Mount and Peak call one another in frames each of which is larger than all before it together: on the stack that a
// goroutine begins with, each call but the last grows it.
func Rise(run, a int) int {
	j := journal.Of(run)
	call := j.Enter(rise, a, 0, "")
	var weight [6 << 10]byte
	weight[a%len(weight)] = 1
	above := Mount(run, a) + int(weight[a%len(weight)])
	j.Leave(call, above, "")
	return above
}

// Mount see Rise.
func Mount(run, a int) int {
	j := journal.Of(run)
	call := j.Enter(mount, a, 0, "")
	var weight [24 << 10]byte
	weight[a%len(weight)] = 1
	above := Peak(run, a) + int(weight[a%len(weight)])
	j.Leave(call, above, "")
	return above
}

// Peak see Rise.
func Peak(run, a int) int {
	j := journal.Of(run)
	call := j.Enter(peak, a, 0, "")
	var weight [96 << 10]byte
	weight[a%len(weight)] = 1
	above := Tick(run) - run + int(weight[a%len(weight)])
	j.Leave(call, above, "")
	return above
}
