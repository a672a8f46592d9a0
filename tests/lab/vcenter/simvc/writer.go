// Licensed under the Apache License, Version 2.0 (the "License"); you may
// not use this file except in compliance with the License. You may obtain
// a copy of the License at
//
//      http://www.apache.org/licenses/LICENSE-2.0
//
// Unless required by applicable law or agreed to in writing, software
// distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
// WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
// License for the specific language governing permissions and limitations
// under the License.

package main

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// writer dirties random blocks of a region until it is stopped or the
// machine is off.
type writer struct {
	stop chan struct{}
	once sync.Once
	done chan struct{}
	// both are guarded by mu
	mu      sync.Mutex
	written int64
	failure string
}

type writerSpec struct {
	VM     string `json:"vm"`
	Disk   int    `json:"disk"`
	Offset int64  `json:"offset"`
	Length int64  `json:"length"`
	Rate   int64  `json:"rate"`  // bytes a second; 0 stops
	Block  int64  `json:"block"` // 64 KiB if 0
	Seed   int64  `json:"seed"`
}

// startWriter replaces the machine's writer.
func (m *machine) startWriter(spec writerSpec) error {
	m.stopWriter()
	if spec.Rate <= 0 {
		return nil
	}
	if spec.Block <= 0 {
		spec.Block = 64 << 10
	}
	if spec.Length < spec.Block {
		return fmt.Errorf("the region is smaller than a block of %d bytes", spec.Block)
	}
	w := &writer{stop: make(chan struct{}), done: make(chan struct{})}
	m.stun.Lock()
	m.writer = w
	m.stun.Unlock()
	go m.scribble(w, spec)
	return nil
}

func (m *machine) scribble(w *writer, spec writerSpec) {
	defer close(w.done)
	random := rand.New(rand.NewPCG(uint64(spec.Seed), 1))
	buffer := make([]byte, spec.Block)
	pause := time.Duration(float64(spec.Block) / float64(spec.Rate) * float64(time.Second))
	next := time.Now()
	for n := int64(0); ; n++ {
		pattern(buffer, spec.Seed+n)
		block := random.Int64N(spec.Length / spec.Block)
		err := m.write(spec.Disk, spec.Offset+block*spec.Block, buffer)
		w.mu.Lock()
		if err != nil {
			w.failure = err.Error()
			w.mu.Unlock()
			return
		}
		w.written += spec.Block
		w.mu.Unlock()
		next = next.Add(pause)
		select {
		case <-w.stop:
			return
		case <-time.After(time.Until(next)):
		}
	}
}

func (m *machine) stopWriter() {
	m.stun.Lock()
	w := m.writer
	m.stun.Unlock()
	if w != nil {
		w.once.Do(func() { close(w.stop) })
		<-w.done
	}
}

// view is for GET /sim/vms.
func (w *writer) view() map[string]any {
	if w == nil {
		return nil
	}
	active := true
	select {
	case <-w.done:
		active = false
	default:
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return map[string]any{"active": active, "written": w.written, "failure": w.failure}
}
