module checkedmap/corpus

go 1.24
