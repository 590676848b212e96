// Go's own map and sync.Map, measured on request: one line in, nanoseconds per operation out.
//
//	<map|sync> <operation> <u64|String> <entries> <goroutines> <operations each>
package main

import (
	"bufio"
	"fmt"
	"os"
	"sync"
	"time"
)

type table[K comparable] interface {
	get(K) uint64
	insert(K, uint64)
	update(K)
	remove(K)
	sum() uint64
}

type plain[K comparable] struct{ m map[K]uint64 }

func (t plain[K]) get(k K) uint64       { return t.m[k] }
func (t plain[K]) insert(k K, v uint64) { t.m[k] = v }
func (t plain[K]) update(k K)           { t.m[k]++ }
func (t plain[K]) remove(k K)           { delete(t.m, k) }
func (t plain[K]) sum() (s uint64) {
	for _, v := range t.m {
		s += v
	}
	return
}

type synced[K comparable] struct{ m *sync.Map }

func (t synced[K]) get(k K) uint64 {
	v, _ := t.m.Load(k)
	n, _ := v.(uint64)
	return n
}
func (t synced[K]) insert(k K, v uint64) { t.m.Store(k, v) }
func (t synced[K]) update(k K) {
	for {
		old, loaded := t.m.LoadOrStore(k, uint64(1))
		if !loaded || t.m.CompareAndSwap(k, old, old.(uint64)+1) {
			return
		}
	}
}
func (t synced[K]) remove(k K) { t.m.Delete(k) }
func (t synced[K]) sum() (s uint64) {
	t.m.Range(func(_, v any) bool { s += v.(uint64); return true })
	return
}

func mix(z uint64) uint64 {
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

var sink uint64

func work[K comparable, T table[K]](t T, keys []K, operation string, from int, n int) {
	place, sum := from%len(keys), uint64(0)
	next := func() K {
		k := keys[place]
		if place++; place == len(keys) {
			place = 0
		}
		return k
	}
	switch operation {
	case "get":
		for i := 0; i < n; i++ {
			sum ^= t.get(next())
		}
	case "insert":
		for i := 0; i < n; i++ {
			t.insert(next(), uint64(i))
		}
	case "entry_update":
		for i := 0; i < n; i++ {
			t.update(next())
		}
	case "remove+insert":
		for i := 0; i < n; i++ {
			k := next()
			t.remove(k)
			t.insert(k, uint64(i))
		}
	case "iterate":
		for i := 0; i < n; i += len(keys) {
			sum += t.sum()
		}
	case "mixed_90/10", "mixed_50/50":
		period := 10
		if operation == "mixed_50/50" {
			period = 2
		}
		for i := 0; i < n; i++ {
			if i%period == period-1 {
				t.insert(next(), uint64(i))
			} else {
				sum ^= t.get(next())
			}
		}
	}
	if sum == 42 {
		sink = sum
	}
}

func measure[K comparable, T table[K]](t T, keys []K, operation string, goroutines, n int) float64 {
	if goroutines == 1 {
		work(t, keys, operation, 0, n/8+1)
		began := time.Now()
		work(t, keys, operation, 0, n)
		return float64(time.Since(began).Nanoseconds()) / float64(n)
	}
	var ready, done sync.WaitGroup
	start, rates := make(chan struct{}), make([]float64, goroutines)
	for g := range goroutines {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			ready.Done()
			<-start
			began := time.Now()
			work(t, keys, operation, g*len(keys)/goroutines, n)
			rates[g] = float64(n) / float64(time.Since(began).Nanoseconds()+1)
		}()
	}
	ready.Wait()
	close(start)
	done.Wait()
	rate := 0.0
	for _, r := range rates {
		rate += r
	}
	return 1 / rate
}

type pair[K comparable] struct {
	keys  []K
	plain plain[K]
	sync  synced[K]
}

func fill[K comparable](entries int, key func(uint64) K) *pair[K] {
	p := &pair[K]{plain: plain[K]{make(map[K]uint64, entries)}, sync: synced[K]{new(sync.Map)}}
	for i := 1; i <= entries; i++ {
		k := key(mix(uint64(i) * 0x9e3779b97f4a7c15))
		p.keys = append(p.keys, k)
		p.plain.insert(k, uint64(i))
		p.sync.insert(k, uint64(i))
	}
	return p
}

func (p *pair[K]) measure(variant, operation string, goroutines, n int) float64 {
	if variant == "map" {
		return measure(p.plain, p.keys, operation, goroutines, n)
	}
	return measure(p.sync, p.keys, operation, goroutines, n)
}

func main() {
	numbers, words := map[int]*pair[uint64]{}, map[int]*pair[string]{}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var variant, operation, key string
		var entries, goroutines, n int
		if _, err := fmt.Sscan(lines.Text(), &variant, &operation, &key, &entries, &goroutines, &n); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if key == "u64" {
			if numbers[entries] == nil {
				clear(numbers)
				clear(words)
				numbers[entries] = fill(entries, func(n uint64) uint64 { return n })
			}
			fmt.Println(numbers[entries].measure(variant, operation, goroutines, n))
		} else {
			if words[entries] == nil {
				clear(numbers)
				clear(words)
				words[entries] = fill(entries, func(n uint64) string { return fmt.Sprintf("session:%016x", n) })
			}
			fmt.Println(words[entries].measure(variant, operation, goroutines, n))
		}
	}
}
