module goproctor.test/testprogram

go 1.15
