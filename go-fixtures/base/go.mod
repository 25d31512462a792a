module goproctor.test/base

go 1.15
