package main

import (
	"sync"
	"time"
)

func init() {
	add("shared_defaults", map[string]func(){
		"headers_of_one_client": func() {
			headers := map[string]int{}
			together(times(8, func(request int) {
				headers["a"] = request
				headers["b"] = request
				headers["c"] = request
			})...)
		},
		"headers_filtered_in_place": func() {
			for range 6 {
				headers := map[string]string{"accept": "*/*", "cookie": "secret", "host": "example.org"}
				together(func() {
					length := 0
					for name, value := range headers {
						length += len(name) + len(value)
					}
				}, func() { delete(headers, "cookie") })
			}
		},
	})
	add("reload", map[string]func(){
		"reload_in_place": func() {
			options := map[string]int{"retries": 3, "timeout_ms": 2000, "workers": 8}
			together(func() {
				for range 5 {
					options["retries"] = 5
					options["timeout_ms"] = 5000
					options["workers"] = 16
					time.Sleep(400 * time.Microsecond)
				}
			}, func() {
				for range 20 {
					_ = options["timeout_ms"]
					time.Sleep(90 * time.Microsecond)
				}
			})
		},
		"change_told_twice": func() {
			settings := map[int]int{}
			together(times(2, func(version int) {
				for setting := range 15 {
					settings[setting] = version
				}
			})...)
		},
		"read_only_after_start": func() {
			features := map[int]bool{}
			for feature := range 30 {
				features[feature] = feature%2 == 0
			}
			together(times(4, func(int) {
				for feature := range 30 {
					_ = features[feature]
				}
			})...)
		},
	})
	add("escaped_map", map[string]func(){
		"live_map_returned": func() {
			databases := map[int]string{}
			var lock sync.Mutex
			all := func() map[int]string {
				lock.Lock()
				defer lock.Unlock()
				return databases
			}
			together(func() {
				for tenant := range 30 {
					lock.Lock()
					databases[tenant] = "postgres"
					lock.Unlock()
					time.Sleep(60 * time.Microsecond)
				}
			}, func() {
				for range 8 {
					for range all() {
					}
					time.Sleep(200 * time.Microsecond)
				}
			})
		},
	})
}
