module goproctor.test/generics

go 1.18

require goproctor.test/base v0.0.0

replace goproctor.test/base => ../base
