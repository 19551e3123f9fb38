module kindred.dev/bench/replay

go 1.26
