package main

import (
	"fmt"
	"sync"
	"time"
)

func init() {
	add("iteration", map[string]func(){
		"walk_beside_insert": func() {
			routes := map[int]int{}
			for route := range 50 {
				routes[route] = route
			}
			together(func() {
				for range routes {
				}
			}, func() { routes[51] = 51 })
		},
		"marshal_beside_update": func() {
			metadata := map[string]string{}
			var lock sync.Mutex
			together(func() {
				for port := range 30 {
					lock.Lock()
					metadata[fmt.Sprint("port ", port)] = "open"
					time.Sleep(100 * time.Microsecond)
					lock.Unlock()
				}
			}, func() {
				for range 10 {
					_ = fmt.Sprint(metadata)
					time.Sleep(250 * time.Microsecond)
				}
			})
		},
		"sweep_beside_put": func() {
			items := map[int]int{}
			together(func() {
				for now := range 8 {
					expired := 0
					for _, expires := range items {
						if expires < now {
							expired++
						}
					}
					time.Sleep(400 * time.Microsecond)
				}
			}, func() {
				for item := range 200 {
					items[item] = item % 7
					if item%20 == 0 {
						time.Sleep(200 * time.Microsecond)
					}
				}
			})
		},
		"walk_under_lock": func() {
			nonces := map[int]int{}
			var lock sync.RWMutex
			together(func() {
				for account := range 40 {
					lock.Lock()
					nonces[account%10] = account
					lock.Unlock()
				}
			}, func() {
				for range 20 {
					lock.RLock()
					for range nonces {
					}
					lock.RUnlock()
				}
			})
		},
	})
}
