module goproctor.test/generics

go 1.18
