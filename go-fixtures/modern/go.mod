module goproctor.test/modern

go 1.26

require goproctor.test/base v0.0.0

replace goproctor.test/base => ../base
