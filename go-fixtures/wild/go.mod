module go.goproctor.test/wild

go 1.18

require go.vendored.test/some-dep.v1 v1.0.0
