// The programs of the corpus that translate. The argument is the name of the one to run; without one, all names are printed.
package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
)

var programs = map[string]func(){}

func add(category string, those map[string]func()) {
	for name, run := range those {
		programs[category+"/"+name] = run
	}
}

// together runs each of them in a goroutine and waits for all.
func together(parts ...func()) {
	var waiting sync.WaitGroup
	for _, part := range parts {
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			part()
		}()
	}
	waiting.Wait()
}

// times is n of one.
func times(n int, part func(number int)) []func() {
	var parts []func()
	for number := range n {
		parts = append(parts, func() { part(number) })
	}
	return parts
}

func tenThreads(keys int) {
	shared := map[int]int{}
	together(times(10, func(writer int) {
		for key := range keys {
			shared[key] = writer
		}
	})...)
}

func main() {
	if len(os.Args) == 1 {
		var names []string
		for name := range programs {
			names = append(names, name)
		}
		slices.Sort(names)
		fmt.Println(strings.Join(names, "\n"))
		return
	}
	if keys, isClassic := strings.CutPrefix(os.Args[1], "classic/"); isClassic {
		n, err := strconv.Atoi(keys)
		if err != nil {
			fmt.Fprintln(os.Stderr, "classic/N takes a number:", err)
			os.Exit(2)
		}
		tenThreads(n)
		return
	}
	run, known := programs[os.Args[1]]
	if !known {
		fmt.Fprintf(os.Stderr, "no program is called %q; without an argument all are named\n", os.Args[1])
		os.Exit(2)
	}
	run()
}
