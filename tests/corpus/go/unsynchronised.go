package main

import "time"

func init() {
	add("unsynchronised", map[string]func(){
		"ten_writers": func() {
			joined := map[int]bool{}
			together(times(10, func(number int) { joined[number] = true })...)
		},
		"insert_beside_lookup": func() {
			answers := map[int]int{}
			together(func() { _ = answers[1] }, func() { answers[1] = 42 })
		},
		"insert_beside_len": func() {
			done, stop := map[int]bool{}, time.Now().Add(time.Second)
			together(func() {
				for len(done) < 20 && time.Now().Before(stop) {
					time.Sleep(300 * time.Microsecond)
				}
			}, func() {
				for file := range 20 {
					time.Sleep(200 * time.Microsecond)
					done[file] = true
				}
			})
		},
		"insert_beside_remove": func() {
			connections := map[string]int{"10.0.0.1:8080": 1}
			together(func() { delete(connections, "10.0.0.1:8080") }, func() { connections["10.0.0.2:8080"] = 2 })
		},
		"len_beside_remove": func() {
			workers := map[int]string{1: "idle", 2: "busy"}
			together(func() { delete(workers, 1) }, func() { _ = len(workers) })
		},
		"lookups_only": func() {
			countries := map[string]string{"de": "Germany", "fr": "France"}
			together(times(4, func(int) {
				for range 50 {
					_ = countries["de"]
				}
			})...)
		},
		"walks_only": func() {
			prices := map[int]int{}
			for article := range 100 {
				prices[article] = article * 3
			}
			together(times(2, func(int) {
				sum := 0
				for _, price := range prices {
					sum += price
				}
			})...)
		},
	})
}
