package main

import "time"

func init() {
	add("hand_over", map[string]func(){
		"sender_keeps_writing": func() {
			requests := make(chan map[string]int, 10)
			together(func() {
				for context := range requests {
					context["authorised"] = 1
				}
			}, func() {
				for request := range 10 {
					context := map[string]int{"request": request}
					requests <- context
					context["sent"] = 1
					time.Sleep(100 * time.Microsecond)
				}
				close(requests)
			})
		},
		"buffer_reset_beside_read": func() {
			buckets := map[string]int{"1": 1}
			together(func() { clear(buckets) }, func() { _ = buckets["1"] })
		},
		"through_a_channel": func() {
			batches := make(chan map[int]int)
			together(func() {
				for batch := range batches {
					batch[99] = 0
				}
			}, func() {
				for number := range 10 {
					batches <- map[int]int{0: number}
				}
				close(batches)
			})
		},
	})
	add("background", map[string]func(){
		"session_cleaner": func() {
			sessions := map[int]int{}
			handlers := times(2, func(handler int) {
				for request := range 30 {
					sessions[handler*100+request] = request % 3
					time.Sleep(60 * time.Microsecond)
				}
			})
			together(append(handlers, func() {
				for range 4 {
					time.Sleep(500 * time.Microsecond)
					for session, idle := range sessions {
						if idle >= 2 {
							delete(sessions, session)
						}
					}
				}
			})...)
		},
		"job_meets_itself": func() {
			accounts := map[int]int{}
			for account := range 30 {
				accounts[account] = 10_000
			}
			together(times(3, func(minute int) {
				time.Sleep(time.Duration(minute) * time.Millisecond)
				for account := range 30 {
					accounts[account] += accounts[account] / 100
					time.Sleep(30 * time.Microsecond)
				}
			})...)
		},
	})
	add("pools", map[string]func(){
		"plugins_loaded_in_parallel": func() {
			plugins := map[int]int{}
			together(times(4, func(plugin int) {
				time.Sleep(time.Millisecond)
				plugins[plugin] = plugin
			})...)
		},
	})
	add("lazy_init", map[string]func(){
		"lazy_provider": func() {
			providers := map[string]int{}
			together(times(10, func(number int) {
				if _, made := providers["registry"]; !made {
					providers["registry"] = number
				}
			})...)
		},
	})
}
