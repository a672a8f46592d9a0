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
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/vmware/govmomi/vim25/types"
)

// write makes a file of size with data at the given offsets.
func write(t *testing.T, size int64, content map[int64]string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "disk")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := file.Truncate(size); err != nil {
		t.Fatal(err)
	}
	for offset, text := range content {
		if _, err := file.WriteAt([]byte(text), offset); err != nil {
			t.Fatal(err)
		}
	}
	return name
}

func hashed(t *testing.T, name string) epoch {
	t.Helper()
	e, err := hashBlocks(name)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func same(t *testing.T, got, want []types.DiskChangeExtent) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range got {
		if got[i].Start != want[i].Start || got[i].Length != want[i].Length {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

func extent(start, length int64) types.DiskChangeExtent {
	return types.DiskChangeExtent{Start: start, Length: length}
}

func TestAllocatedLeavesHolesOut(t *testing.T) {
	e := hashed(t, write(t, 10*blockSize, map[int64]string{0: "a", 5*blockSize + 7: "b", 6 * blockSize: "c"}))
	same(t, e.allocated(), []types.DiskChangeExtent{extent(0, blockSize), extent(5*blockSize, 2*blockSize)})
}

func TestSinceFindsChangesGrowthAndNewHoles(t *testing.T) {
	old := hashed(t, write(t, 4*blockSize, map[int64]string{0: "a", blockSize: "b"}))
	now := hashed(t, write(t, 5*blockSize+512, map[int64]string{0: "a", 3 * blockSize: "x"}))
	same(t, now.since(old, false), []types.DiskChangeExtent{extent(blockSize, blockSize), extent(3*blockSize, 3*blockSize)})
	same(t, now.since(now, false), nil)
}

func TestOverReportAddsNeighbours(t *testing.T) {
	old := hashed(t, write(t, 5*blockSize, nil))
	now := hashed(t, write(t, 5*blockSize, map[int64]string{2 * blockSize: "x"}))
	same(t, now.since(old, true), []types.DiskChangeExtent{extent(blockSize, 3*blockSize)})
}

func TestPageShrinksItsLength(t *testing.T) {
	areas := []types.DiskChangeExtent{extent(0, 10), extent(20, 10), extent(40, 20)}
	first := page(areas, 5, 50, 1)
	same(t, first.ChangedArea, []types.DiskChangeExtent{extent(5, 5)})
	if first.StartOffset+first.Length != 10 {
		t.Fatalf("the next page would begin at %d", first.StartOffset+first.Length)
	}
	rest := page(areas, 10, 50, 0)
	same(t, rest.ChangedArea, []types.DiskChangeExtent{extent(20, 10), extent(40, 10)})
	if rest.StartOffset+rest.Length != 50 {
		t.Fatal("the last page does not reach the end of the disk")
	}
}

func TestSparseCopyKeepsContentAndHoles(t *testing.T) {
	source := filepath.Join(t.TempDir(), "source")
	if err := fill(source, 9<<20+512, 3); err != nil {
		t.Fatal(err)
	}
	target := source + ".copy"
	if err := sparseCopy(source, target); err != nil {
		t.Fatal(err)
	}
	a, _ := os.ReadFile(source)
	b, _ := os.ReadFile(target)
	if !bytes.Equal(a, b) || len(a) != 9<<20+512 {
		t.Fatal("the copy differs")
	}
	if holes := len(hashed(t, target)) - 7<<4 - 17; holes < 0 {
		t.Fatal("the holes were filled")
	}
	same(t, hashed(t, target).since(hashed(t, source), false), nil)
}

func TestPatternIsWhatTheTestsExpect(t *testing.T) {
	got := make([]byte, 40)
	pattern(got, 7)
	again := make([]byte, 32)
	pattern(again, 7)
	if !bytes.Equal(got[:32], again) || bytes.Equal(got[32:], make([]byte, 8)) {
		t.Fatal("not repeatable, or not filled to the end")
	}
}

func TestChangeIDs(t *testing.T) {
	track := newTrack()
	name := write(t, blockSize, map[int64]string{0: "a"})
	text, err := track.add(name)
	if err != nil {
		t.Fatal(err)
	}
	id, number, ok := parseChangeID(text)
	if !ok || id != track.id || number != 1 {
		t.Fatalf("%q reads as %q, %d, %v", text, id, number, ok)
	}
	if _, _, ok := parseChangeID("nonsense"); ok {
		t.Fatal("nonsense was taken for a change id")
	}
}
