package main

import (
	"strings"

	"goproctor.test/base/values/account"
	"goproctor.test/base/values/kinds"
)

// text calls functions with strings and bytes around the limit of what is shown, and beyond.
func text(a *account.Account) {
	for _, s := range []string{
		"",
		"\x00",
		"plain",
		"日本語テキスト",
		"combining e\u0301, zero width \u200b, right to left \u202e, \ufffd",
		"\xf0\x28\x8c\x28 \xc0\xaf",
		strings.Repeat("x", 255),
		strings.Repeat("y", 256),
		strings.Repeat("z", 257),
		strings.Repeat("long ", 700),
		strings.Repeat("é", 300),
		strings.Repeat("a", 255) + "é" + "cut in the middle of a character",
		strings.Repeat("\xff", 400),
	} {
		a.Call(kinds.Echo, s)
		a.Call(kinds.EchoBytes, []byte(s))
		a.Call(kinds.EchoLetters, kinds.Letters(s))
	}
	a.Call(kinds.EchoBytes, nil)
	a.Call(kinds.EchoBytes, make([]byte, 5, 50))
	a.Call(kinds.EchoBytes, make([]byte, 2000))
	a.Call(kinds.SpellLetters, []kinds.Letter{'g', 'o'})
	a.Call(kinds.SpellLetters, []kinds.Letter{0xff, 0xfe, 0xfd})
	a.Call(kinds.Signed, []int8{-1, 2, 3})
	a.Call(kinds.Hash, 1)
	a.Call(kinds.Hash, 200)
	page := [300]byte{}
	for i := range page {
		page[i] = 'a' + byte(i%26)
	}
	a.Call(kinds.Page, &page)
	a.Call(kinds.Title.Upper, kinds.Title("a title"), kinds.Title("!"))
	a.Call(kinds.Rename, "alias")
}
