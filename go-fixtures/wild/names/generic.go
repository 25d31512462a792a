//go:build go1.18
// +build go1.18

package main

import "go.goproctor.test/wild/account"

// show takes a pointer to anything: all of its instances are one body, and each has a dictionary of its own.
func show[T any](p *T, n int) *T { account.Call("main.show", n); return p }

// hold has a literal that captures a value of any type.
func hold[T any](v T, n int) func(n int) T {
	account.Call("main.hold", n)
	return func(n int) T { account.Call("main.hold.func1", n); return v }
}

// same takes pointers themselves, which have one shape.
func same[T any](v T, n int) T { account.Call("main.same", n); return v }

type list[T any] struct{ all []T }

// Each has literals in literals.
func (l *list[T]) Each(n int) int {
	account.Call("main.(*list).Each", n)
	return func(n int) int {
		account.Call("main.(*list).Each.func1", n)
		return func(n int) int { account.Call("main.(*list).Each.func1.1", n); return len(l.all) + n }(n + 1)
	}(n + 1)
}

type kind0 struct{ F0 int }
type kind1 struct{ F1 int }
type kind2 struct{ F2 int }
type kind3 struct{ F3 int }
type kind4 struct{ F4 int }
type kind5 struct{ F5 int }
type kind6 struct{ F6 int }
type kind7 struct{ F7 int }
type kind8 struct{ F8 int }
type kind9 struct{ F9 int }
type kind10 struct{ F10 int }
type kind11 struct{ F11 int }
type kind12 struct{ F12 int }
type kind13 struct{ F13 int }
type kind14 struct{ F14 int }
type kind15 struct{ F15 int }
type kind16 struct{ F16 int }
type kind17 struct{ F17 int }
type kind18 struct{ F18 int }
type kind19 struct{ F19 int }
type kind20 struct{ F20 int }
type kind21 struct{ F21 int }
type kind22 struct{ F22 int }
type kind23 struct{ F23 int }
type kind24 struct{ F24 int }
type kind25 struct{ F25 int }
type kind26 struct{ F26 int }
type kind27 struct{ F27 int }
type kind28 struct{ F28 int }
type kind29 struct{ F29 int }
type kind30 struct{ F30 int }
type kind31 struct{ F31 int }
type kind32 struct{ F32 int }
type kind33 struct{ F33 int }
type kind34 struct{ F34 int }
type kind35 struct{ F35 int }
type kind36 struct{ F36 int }
type kind37 struct{ F37 int }
type kind38 struct{ F38 int }
type kind39 struct{ F39 int }
type kind40 struct{ F40 int }
type kind41 struct{ F41 int }
type kind42 struct{ F42 int }
type kind43 struct{ F43 int }
type kind44 struct{ F44 int }
type kind45 struct{ F45 int }
type kind46 struct{ F46 int }
type kind47 struct{ F47 int }
type kind48 struct{ F48 int }
type kind49 struct{ F49 int }
type kind50 struct{ F50 int }
type kind51 struct{ F51 int }
type kind52 struct{ F52 int }
type kind53 struct{ F53 int }
type kind54 struct{ F54 int }
type kind55 struct{ F55 int }
type kind56 struct{ F56 int }
type kind57 struct{ F57 int }
type kind58 struct{ F58 int }
type kind59 struct{ F59 int }
type kind60 struct{ F60 int }
type kind61 struct{ F61 int }
type kind62 struct{ F62 int }
type kind63 struct{ F63 int }

func generic() int {
	sum := *show(new(int), 500) + len(*show(new(string), 501))
	sum += hold(pair{nil, 7}, 510)(511).qty + hold(3, 512)(513)
	sum += (&list[string]{all: []string{"a"}}).Each(520)
	sum += same(&kind0{F0: 0 - 32}, 600).F0
	sum += same(&kind1{F1: 1 - 32}, 601).F1
	sum += same(&kind2{F2: 2 - 32}, 602).F2
	sum += same(&kind3{F3: 3 - 32}, 603).F3
	sum += same(&kind4{F4: 4 - 32}, 604).F4
	sum += same(&kind5{F5: 5 - 32}, 605).F5
	sum += same(&kind6{F6: 6 - 32}, 606).F6
	sum += same(&kind7{F7: 7 - 32}, 607).F7
	sum += same(&kind8{F8: 8 - 32}, 608).F8
	sum += same(&kind9{F9: 9 - 32}, 609).F9
	sum += same(&kind10{F10: 10 - 32}, 610).F10
	sum += same(&kind11{F11: 11 - 32}, 611).F11
	sum += same(&kind12{F12: 12 - 32}, 612).F12
	sum += same(&kind13{F13: 13 - 32}, 613).F13
	sum += same(&kind14{F14: 14 - 32}, 614).F14
	sum += same(&kind15{F15: 15 - 32}, 615).F15
	sum += same(&kind16{F16: 16 - 32}, 616).F16
	sum += same(&kind17{F17: 17 - 32}, 617).F17
	sum += same(&kind18{F18: 18 - 32}, 618).F18
	sum += same(&kind19{F19: 19 - 32}, 619).F19
	sum += same(&kind20{F20: 20 - 32}, 620).F20
	sum += same(&kind21{F21: 21 - 32}, 621).F21
	sum += same(&kind22{F22: 22 - 32}, 622).F22
	sum += same(&kind23{F23: 23 - 32}, 623).F23
	sum += same(&kind24{F24: 24 - 32}, 624).F24
	sum += same(&kind25{F25: 25 - 32}, 625).F25
	sum += same(&kind26{F26: 26 - 32}, 626).F26
	sum += same(&kind27{F27: 27 - 32}, 627).F27
	sum += same(&kind28{F28: 28 - 32}, 628).F28
	sum += same(&kind29{F29: 29 - 32}, 629).F29
	sum += same(&kind30{F30: 30 - 32}, 630).F30
	sum += same(&kind31{F31: 31 - 32}, 631).F31
	sum += same(&kind32{F32: 32 - 32}, 632).F32
	sum += same(&kind33{F33: 33 - 32}, 633).F33
	sum += same(&kind34{F34: 34 - 32}, 634).F34
	sum += same(&kind35{F35: 35 - 32}, 635).F35
	sum += same(&kind36{F36: 36 - 32}, 636).F36
	sum += same(&kind37{F37: 37 - 32}, 637).F37
	sum += same(&kind38{F38: 38 - 32}, 638).F38
	sum += same(&kind39{F39: 39 - 32}, 639).F39
	sum += same(&kind40{F40: 40 - 32}, 640).F40
	sum += same(&kind41{F41: 41 - 32}, 641).F41
	sum += same(&kind42{F42: 42 - 32}, 642).F42
	sum += same(&kind43{F43: 43 - 32}, 643).F43
	sum += same(&kind44{F44: 44 - 32}, 644).F44
	sum += same(&kind45{F45: 45 - 32}, 645).F45
	sum += same(&kind46{F46: 46 - 32}, 646).F46
	sum += same(&kind47{F47: 47 - 32}, 647).F47
	sum += same(&kind48{F48: 48 - 32}, 648).F48
	sum += same(&kind49{F49: 49 - 32}, 649).F49
	sum += same(&kind50{F50: 50 - 32}, 650).F50
	sum += same(&kind51{F51: 51 - 32}, 651).F51
	sum += same(&kind52{F52: 52 - 32}, 652).F52
	sum += same(&kind53{F53: 53 - 32}, 653).F53
	sum += same(&kind54{F54: 54 - 32}, 654).F54
	sum += same(&kind55{F55: 55 - 32}, 655).F55
	sum += same(&kind56{F56: 56 - 32}, 656).F56
	sum += same(&kind57{F57: 57 - 32}, 657).F57
	sum += same(&kind58{F58: 58 - 32}, 658).F58
	sum += same(&kind59{F59: 59 - 32}, 659).F59
	sum += same(&kind60{F60: 60 - 32}, 660).F60
	sum += same(&kind61{F61: 61 - 32}, 661).F61
	sum += same(&kind62{F62: 62 - 32}, 662).F62
	sum += same(&kind63{F63: 63 - 32}, 663).F63
	return sum
}
