module goproctor.test/starts

go 1.18
