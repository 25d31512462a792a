module goproctor.test/modern

go 1.26
