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
	"strings"
	"testing"
	"time"
)

func TestUnknownKnobIsRefused(t *testing.T) {
	var board knobBoard
	if err := board.merge(strings.NewReader(`{"max_area": 3}`)); err == nil {
		t.Fatal("a misspelt knob was taken")
	}
	if err := board.merge(strings.NewReader(`{"max_areas": 3}`)); err != nil || board.get().MaxAreas != 3 {
		t.Fatal("a knob was not set", err)
	}
}

func TestCountingKnobsRunOut(t *testing.T) {
	board := knobBoard{knobs: knobs{RefuseRanges: 2, CutAfter: 10, CutCount: 1}}
	ranges := func(k *knobs) *int { return &k.RefuseRanges }
	if !board.take(ranges) || !board.take(ranges) || board.take(ranges) {
		t.Fatal("two ranges should have been refused")
	}
	if board.cut() != 10 || board.cut() != 0 {
		t.Fatal("one answer should have been cut")
	}
}

func TestTaskFailuresAreCountedAndMatched(t *testing.T) {
	board := knobBoard{knobs: knobs{FailTasks: []taskFailure{{Method: "A_Task", Machine: "one", Count: 1}}}}
	if board.failure("B_Task", "one", false) != nil || board.failure("A_Task", "two", false) != nil || board.failure("A_Task", "one", true) != nil {
		t.Fatal("the wrong task would fail")
	}
	if board.failure("A_Task", "one", false) == nil || board.failure("A_Task", "one", false) != nil {
		t.Fatal("exactly one task should fail")
	}
}

func TestLimiterKeepsTheRate(t *testing.T) {
	var l limiter
	begun := time.Now()
	for range 4 {
		l.wait(1000, 20000)
	}
	if taken := time.Since(begun); taken < 190*time.Millisecond {
		t.Fatalf("4000 bytes at 20000 a second took only %s", taken)
	}
}
