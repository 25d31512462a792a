package work

import "goproctor.test/base/torture/aid"

// Frames have frames of as many sizes, so that they end like as many other functions. What they make has no room in registers: it is
// above their frames, and nobody else points to it.
var Frames = [...]func(n int) (aid.Block, *aid.Cell){
	Frame1, Frame2, Frame3, Frame4, Frame5, Frame6, Frame7, Frame8, Frame9, Frame10, Frame11, Frame12, Frame13,
	Frame14, Frame15, Frame16, Frame17, Frame18, Frame19, Frame20, Frame21, Frame22, Frame23, Frame24, Frame25,
	Frame26, Frame27, Frame28, Frame29, Frame30, Frame31, Frame32, Frame33, Frame34, Frame35, Frame36, Frame37,
	Frame38, Frame39, Frame40, Frame41, Frame42, Frame43, Frame44, Frame45, Frame46, Frame47, Frame48,
}

//go:noinline
func Frame1(n int) (block aid.Block, cell *aid.Cell) {
	var room [1]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame2(n int) (block aid.Block, cell *aid.Cell) {
	var room [2]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame3(n int) (block aid.Block, cell *aid.Cell) {
	var room [3]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame4(n int) (block aid.Block, cell *aid.Cell) {
	var room [4]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame5(n int) (block aid.Block, cell *aid.Cell) {
	var room [5]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame6(n int) (block aid.Block, cell *aid.Cell) {
	var room [6]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame7(n int) (block aid.Block, cell *aid.Cell) {
	var room [7]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame8(n int) (block aid.Block, cell *aid.Cell) {
	var room [8]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame9(n int) (block aid.Block, cell *aid.Cell) {
	var room [9]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame10(n int) (block aid.Block, cell *aid.Cell) {
	var room [10]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame11(n int) (block aid.Block, cell *aid.Cell) {
	var room [11]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame12(n int) (block aid.Block, cell *aid.Cell) {
	var room [12]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame13(n int) (block aid.Block, cell *aid.Cell) {
	var room [13]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame14(n int) (block aid.Block, cell *aid.Cell) {
	var room [14]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame15(n int) (block aid.Block, cell *aid.Cell) {
	var room [15]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame16(n int) (block aid.Block, cell *aid.Cell) {
	var room [16]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame17(n int) (block aid.Block, cell *aid.Cell) {
	var room [17]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame18(n int) (block aid.Block, cell *aid.Cell) {
	var room [18]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame19(n int) (block aid.Block, cell *aid.Cell) {
	var room [19]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame20(n int) (block aid.Block, cell *aid.Cell) {
	var room [20]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame21(n int) (block aid.Block, cell *aid.Cell) {
	var room [21]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame22(n int) (block aid.Block, cell *aid.Cell) {
	var room [22]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame23(n int) (block aid.Block, cell *aid.Cell) {
	var room [23]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame24(n int) (block aid.Block, cell *aid.Cell) {
	var room [24]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame25(n int) (block aid.Block, cell *aid.Cell) {
	var room [25]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame26(n int) (block aid.Block, cell *aid.Cell) {
	var room [26]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame27(n int) (block aid.Block, cell *aid.Cell) {
	var room [27]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame28(n int) (block aid.Block, cell *aid.Cell) {
	var room [28]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame29(n int) (block aid.Block, cell *aid.Cell) {
	var room [29]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame30(n int) (block aid.Block, cell *aid.Cell) {
	var room [30]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame31(n int) (block aid.Block, cell *aid.Cell) {
	var room [31]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame32(n int) (block aid.Block, cell *aid.Cell) {
	var room [32]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame33(n int) (block aid.Block, cell *aid.Cell) {
	var room [33]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame34(n int) (block aid.Block, cell *aid.Cell) {
	var room [34]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame35(n int) (block aid.Block, cell *aid.Cell) {
	var room [35]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame36(n int) (block aid.Block, cell *aid.Cell) {
	var room [36]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame37(n int) (block aid.Block, cell *aid.Cell) {
	var room [37]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame38(n int) (block aid.Block, cell *aid.Cell) {
	var room [38]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame39(n int) (block aid.Block, cell *aid.Cell) {
	var room [39]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame40(n int) (block aid.Block, cell *aid.Cell) {
	var room [40]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame41(n int) (block aid.Block, cell *aid.Cell) {
	var room [41]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame42(n int) (block aid.Block, cell *aid.Cell) {
	var room [42]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame43(n int) (block aid.Block, cell *aid.Cell) {
	var room [43]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame44(n int) (block aid.Block, cell *aid.Cell) {
	var room [44]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame45(n int) (block aid.Block, cell *aid.Cell) {
	var room [45]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame46(n int) (block aid.Block, cell *aid.Cell) {
	var room [46]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame47(n int) (block aid.Block, cell *aid.Cell) {
	var room [47]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}

//go:noinline
func Frame48(n int) (block aid.Block, cell *aid.Cell) {
	var room [48]int
	aid.Fill(room[:], n)
	return aid.Blocks(room[0]), aid.New(n)
}
