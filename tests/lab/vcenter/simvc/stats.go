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
	"maps"
	"sync"
)

// fileStats counts what was served of one file.
type fileStats struct {
	Bytes    int64 `json:"bytes"`
	Requests int   `json:"requests"`
	Ranges   int   `json:"ranges"`
}

// statistics are shown by GET /sim/stats.
type statistics struct {
	mu    sync.Mutex
	Bytes int64                `json:"bytes"`
	Files map[string]fileStats `json:"files"`
	Calls map[string]int       `json:"calls"`
}

func (s *statistics) update(name string, f func(*fileStats)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Files == nil {
		s.Files = map[string]fileStats{}
	}
	one := s.Files[name]
	f(&one)
	s.Files[name] = one
}

func (s *statistics) request(name string, ranged bool) {
	s.update(name, func(f *fileStats) {
		f.Requests++
		if ranged {
			f.Ranges++
		}
	})
}

func (s *statistics) sent(name string, n int64) {
	s.update(name, func(f *fileStats) {
		f.Bytes += n
		s.Bytes += n
	})
}

func (s *statistics) call(method string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Calls == nil {
		s.Calls = map[string]int{}
	}
	s.Calls[method]++
}

func (s *statistics) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Bytes, s.Files, s.Calls = 0, nil, nil
}

func (s *statistics) view(sessions int) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]any{
		"bytes":    s.Bytes,
		"files":    maps.Clone(s.Files),
		"calls":    maps.Clone(s.Calls),
		"sessions": sessions,
	}
}
