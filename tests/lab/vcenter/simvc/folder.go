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
	"io"
	"net/http"
	"os"
	"path"
	"strings"
	"sync"
	"time"
)

// limiter hands out bytes at a rate that all downloads share.
type limiter struct {
	mu   sync.Mutex
	next time.Time
}

// wait returns when n bytes may be sent; rate 0 is without limit.
func (l *limiter) wait(n int, rate int64) {
	if rate <= 0 {
		return
	}
	l.mu.Lock()
	now := time.Now()
	if l.next.Before(now) {
		l.next = now
	}
	l.next = l.next.Add(time.Duration(float64(n) / float64(rate) * float64(time.Second)))
	until := l.next
	l.mu.Unlock()
	time.Sleep(time.Until(until))
}

// download is a response that is counted, slowed down and cut by knobs.
type download struct {
	http.ResponseWriter
	sim  *sim
	name string
	left int64 // until it is cut; negative: never
}

func (s *sim) download(w http.ResponseWriter, name string) *download {
	left := int64(-1)
	if limit := s.knobs.cut(); limit > 0 {
		left = limit
	}
	return &download{w, s, name, left}
}

// Write sends p, or as much of it as comes before the cut.
func (d *download) Write(p []byte) (int, error) {
	total := 0
	for len(p) > 0 {
		rate := d.sim.knobs.get().RateLimit
		part := p
		if rate > 0 && len(part) > 64<<10 {
			part = part[:64<<10]
		}
		if d.left == 0 {
			panic(http.ErrAbortHandler) // hangs up
		}
		if d.left > 0 && int64(len(part)) > d.left {
			part = part[:d.left]
		}
		d.sim.limiter.wait(len(part), rate)
		n, err := d.ResponseWriter.Write(part)
		d.sim.stats.sent(d.name, int64(n))
		total += n
		if d.left > 0 {
			d.left -= int64(n)
		}
		if err != nil {
			return total, err
		}
		p = p[len(part):]
	}
	return total, nil
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}

// ReadFrom is for io.Copy: larger pieces than its own 32 KiB.
func (d *download) ReadFrom(r io.Reader) (int64, error) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	return io.CopyBuffer(struct{ io.Writer }{d}, r, *buffer)
}

// hold makes a request wait as the knobs say; false if its client left.
func (s *sim) hold(r *http.Request) bool {
	time.Sleep(time.Duration(s.knobs.get().Delay) * time.Millisecond)
	for s.knobs.get().Frozen {
		select {
		case <-r.Context().Done():
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
	return true
}

// refuse applies the knobs for the next range requests.
func (s *sim) refuse(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("Range") == "" {
		return false
	}
	if s.knobs.take(func(k *knobs) *int { return &k.DropRanges }) {
		panic(http.ErrAbortHandler)
	}
	if s.knobs.take(func(k *knobs) *int { return &k.RefuseRanges }) {
		http.Error(w, "Service Unavailable", http.StatusServiceUnavailable)
		return true
	}
	return false
}

// folder serves /folder/PATH?dcPath=…&dsName=…: the files of a datastore.
func (s *sim) folder(w http.ResponseWriter, r *http.Request) {
	if !s.hold(r) || s.refuse(w, r) {
		return
	}
	query := r.URL.Query()
	datastore, rest := query.Get("dsName"), strings.TrimPrefix(r.URL.Path, "/folder/")
	_, known := s.inventory.Datastores[datastore]
	right := strings.Trim(query.Get("dcPath"), "/") == s.inventory.Datacenter
	if !known || !right || rest != path.Clean(rest) || strings.HasPrefix(rest, "..") {
		http.NotFound(w, r)
		return
	}
	for _, denied := range s.knobs.get().DeniedPrivileges {
		if denied == "Datastore.Browse" || denied == "Datastore.FileManagement" {
			http.Error(w, "Forbidden", http.StatusForbidden)
			return
		}
	}
	if strings.HasSuffix(rest, "-sesparse.vmdk") {
		http.Error(w, "the content of redo logs is not simulated", http.StatusNotImplemented)
		return
	}
	name := path.Join(s.conf.Datastores, datastore, rest)
	if !s.knobs.get().UnlockedReads && s.locked(name) {
		http.Error(w, "the file is locked", http.StatusInternalServerError)
		return
	}
	s.serveFile(w, r, name, "["+datastore+"] "+rest)
}

func (s *sim) serveFile(w http.ResponseWriter, r *http.Request, name, label string) {
	file, err := os.Open(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil || stat.IsDir() {
		http.NotFound(w, r)
		return
	}
	s.stats.request(label, r.Header.Get("Range") != "")
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(s.download(w, label), r, "", stat.ModTime(), file)
}
