package main

import (
	"sync"
	"time"
)

func init() {
	add("lock_skipped", map[string]func(){
		"lookup_without_lock": func() {
			pods := map[string]int{"web-1": 1}
			var lock sync.RWMutex
			together(func() {
				lock.Lock()
				defer lock.Unlock()
				delete(pods, "web-1")
			}, func() { _ = pods["web-1"] })
		},
		"remove_without_lock": func() {
			images := map[int]string{}
			var lock sync.Mutex
			var timers sync.WaitGroup
			for image := range 8 {
				lock.Lock()
				images[image] = "manifest"
				lock.Unlock()
				timers.Add(1)
				go func() {
					defer timers.Done()
					time.Sleep(time.Millisecond)
					delete(images, image)
				}()
				time.Sleep(300 * time.Microsecond)
			}
			timers.Wait()
		},
		"only_writes_locked": func() {
			digests := map[int]int{}
			var lock sync.Mutex
			together(times(2, func(part int) {
				for blob := range 30 {
					if _, known := digests[blob]; !known {
						lock.Lock()
						digests[blob+100*part] = part
						lock.Unlock()
					}
				}
			})...)
		},
		"every_path_locked": func() {
			models := map[int]int{}
			var lock sync.Mutex
			together(times(3, func(worker int) {
				for model := range 40 {
					lock.Lock()
					if _, known := models[model]; !known {
						models[model] = worker
					}
					lock.Unlock()
				}
			})...)
		},
	})
	add("wrong_lock", map[string]func(){
		"insert_under_read_lock": func() {
			events := map[[2]int]string{}
			var lock sync.RWMutex
			together(times(3, func(watcher int) {
				for event := range 15 {
					lock.RLock()
					events[[2]int{watcher, event}] = "added"
					lock.RUnlock()
				}
			})...)
		},
		"one_lock_each": func() {
			values := map[string]int{}
			var getting, setting sync.Mutex
			together(func() {
				for value := range 30 {
					setting.Lock()
					values["project"] = value
					setting.Unlock()
				}
			}, func() {
				for range 30 {
					getting.Lock()
					_ = values["project"]
					getting.Unlock()
				}
			})
		},
	})
}
