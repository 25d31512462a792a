module goproctor.test/moved

go 1.21
