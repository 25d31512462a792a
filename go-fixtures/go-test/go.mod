module goproctor.test/gotest

go 1.16
