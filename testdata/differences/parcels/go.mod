module example.test/parcels

go 1.22
