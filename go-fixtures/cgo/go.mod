module goproctor.test/cgo

go 1.15

require goproctor.test/base v0.0.0

replace goproctor.test/base => ../base
