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
	"encoding/json"
	"io"
	"maps"
	"slices"
	"sync"
)

// knobs change how the simulator behaves, by POST /sim/knobs.
type knobs struct {
	// changed block tracking
	MaxAreas     int  `json:"max_areas"`     // areas per answer; its length shrinks with it
	OverReport   bool `json:"over_report"`   // the neighbours of changed blocks too
	StarAll      bool `json:"star_all"`      // "*" answers the whole disk
	CBTBroken    bool `json:"cbt_broken"`    // every query: FileFault
	CBTImmediate bool `json:"cbt_immediate"` // effective without a stun
	// snapshots
	LeaveDelta    bool `json:"leave_delta"`    // removed, but not consolidated
	SnapshotDelay int  `json:"snapshot_delay"` // seconds that creating one takes
	RemoveDelay   int  `json:"remove_delay"`   // seconds that removing one takes
	// guests
	ShutdownIgnored bool `json:"shutdown_ignored"` // the guest stays on
	ShutdownDelay   int  `json:"shutdown_delay"`   // seconds until it is off
	// sessions and rights
	MaxSessions      int      `json:"max_sessions"` // then 503; 0: no limit
	DeniedPrivileges []string `json:"denied_privileges"`
	// calls
	MethodDelay map[string]int `json:"method_delay"` // method: milliseconds
	FailTasks   []taskFailure  `json:"fail_tasks"`
	// downloads below /folder and of leases
	RateLimit     int64 `json:"rate_limit"`     // bytes a second, all together
	Delay         int   `json:"delay"`          // milliseconds before each answer
	Frozen        bool  `json:"frozen"`         // answer nothing until unset
	CutAfter      int64 `json:"cut_after"`      // cut an answer after these bytes
	CutCount      int   `json:"cut_count"`      // so many answers; 0: all
	RefuseRanges  int   `json:"refuse_ranges"`  // the next N ranges: 503
	DropRanges    int   `json:"drop_ranges"`    // the next N ranges: hang up
	UnlockedReads bool  `json:"unlocked_reads"` // disks of running machines too
	LeaseTimeout  int   `json:"lease_timeout"`  // seconds; 300 if 0
}

// taskFailure makes tasks fail that began well.
type taskFailure struct {
	Method  string `json:"method"` // as CreateSnapshot_Task
	Machine string `json:"machine"`
	Fault   string `json:"fault"` // as FileFault
	Message string `json:"message"`
	Count   int    `json:"count"` // so many tasks; 0: all
	Late    bool   `json:"late"`  // after the work was done
}

type knobBoard struct {
	mu    sync.Mutex
	knobs knobs
}

func (b *knobBoard) get() knobs {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.knobs
}

// merge sets the knobs that body names; an unknown one is an error.
func (b *knobBoard) merge(body io.Reader) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	changed := b.knobs // readers hold the old map and slices
	changed.MethodDelay = maps.Clone(changed.MethodDelay)
	changed.DeniedPrivileges = slices.Clone(changed.DeniedPrivileges)
	changed.FailTasks = slices.Clone(changed.FailTasks)
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&changed); err != nil {
		return err
	}
	b.knobs = changed
	return nil
}

func (b *knobBoard) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.knobs = knobs{}
}

// take uses up one of a counting knob; false when none was left.
func (b *knobBoard) take(count func(*knobs) *int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	left := count(&b.knobs)
	if *left <= 0 {
		return false
	}
	*left--
	return true
}

// cut says after how many bytes this answer ends, 0 for never.
func (b *knobBoard) cut() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	limit := b.knobs.CutAfter
	if limit > 0 && b.knobs.CutCount > 0 {
		if b.knobs.CutCount--; b.knobs.CutCount == 0 {
			b.knobs.CutAfter = 0
		}
	}
	return limit
}

// failure finds and counts the failure that this task shall meet.
func (b *knobBoard) failure(method, machine string, late bool) *taskFailure {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, rule := range b.knobs.FailTasks {
		if rule.Method != method || rule.Late != late || rule.Machine != "" && rule.Machine != machine {
			continue
		}
		if rule.Count == 1 {
			b.knobs.FailTasks = append(append([]taskFailure(nil),
				b.knobs.FailTasks[:i]...), b.knobs.FailTasks[i+1:]...)
		} else if rule.Count > 1 {
			b.knobs.FailTasks[i].Count--
		}
		return &rule
	}
	return nil
}
