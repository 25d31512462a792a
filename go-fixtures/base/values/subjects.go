package main

import "goproctor.test/base/values/account"

// subjects calls the functions that are not of a family.
var subjects = []func(*account.Account){
	text,
	slices,
	structs,
	pointers,
	maps,
	interfaces,
	failures,
	funcs,
	channels,
	methods,
	signatures,
}

func double(n int) int { return 2 * n }

func increment(n int) int { return n + 1 }
