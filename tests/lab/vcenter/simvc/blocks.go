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
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"io"
	"os"
	"strconv"
	"syscall"

	"github.com/vmware/govmomi/vim25/types"
)

// blockSize is the granularity of changed block tracking: what VMFS has for
// small disks.
const blockSize = 64 << 10

// lseek(2)'s whence for the next data, the next hole
const (
	seekData = 3
	seekHole = 4
)

var hashSeed = maphash.MakeSeed()

// epoch is the state of a disk at one moment: a hash per block, 0 for one
// that lies in a hole of the file.
type epoch []uint64

// extents calls f for each allocated extent of a sparse file.
func extents(file *os.File, size int64, f func(offset, length int64) error) error {
	for offset := int64(0); offset < size; {
		start, err := file.Seek(offset, seekData)
		if errors.Is(err, syscall.ENXIO) {
			return nil // only a hole is left
		}
		if err != nil {
			return err
		}
		end, err := file.Seek(start, seekHole)
		if err != nil {
			return err
		}
		if err := f(start, end-start); err != nil {
			return err
		}
		offset = end
	}
	return nil
}

// sparseCopy makes target a copy of source, holes included.
func sparseCopy(source, target string) error {
	in, err := os.Open(source)
	if err != nil {
		return err
	}
	defer in.Close()
	stat, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(target, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := out.Truncate(stat.Size()); err != nil {
		return err
	}
	return extents(in, stat.Size(), func(offset, length int64) error {
		if _, err := in.Seek(offset, io.SeekStart); err != nil {
			return err
		}
		if _, err := out.Seek(offset, io.SeekStart); err != nil {
			return err
		}
		// both ends are files: the kernel copies (copy_file_range)
		_, err := out.ReadFrom(io.LimitReader(in, length))
		return err
	})
}

// hashBlocks reads the whole of a file's data.
func hashBlocks(name string) (epoch, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil {
		return nil, err
	}
	hashes := make(epoch, (stat.Size()+blockSize-1)/blockSize)
	buffer := make([]byte, blockSize)
	err = extents(file, stat.Size(), func(offset, length int64) error {
		for i := offset / blockSize; i*blockSize < offset+length; i++ {
			n, err := file.ReadAt(buffer, i*blockSize)
			if err != nil && err != io.EOF {
				return err
			}
			hashes[i] = max(1, maphash.Bytes(hashSeed, buffer[:n]))
		}
		return nil
	})
	return hashes, err
}

// areas joins the blocks for which in says yes.
func (e epoch) areas(in func(i int) bool) []types.DiskChangeExtent {
	var found []types.DiskChangeExtent
	for i := range e {
		if !in(i) {
			continue
		}
		start := int64(i) * blockSize
		if n := len(found); n > 0 && found[n-1].Start+found[n-1].Length == start {
			found[n-1].Length += blockSize
		} else {
			found = append(found, types.DiskChangeExtent{Start: start, Length: blockSize})
		}
	}
	return found
}

func (e epoch) allocated() []types.DiskChangeExtent {
	return e.areas(func(i int) bool { return e[i] != 0 })
}

// since lists what differs from an older epoch; with over also the blocks
// beside it, as real tracking does: it notes writes, not content.
func (e epoch) since(old epoch, over bool) []types.DiskChangeExtent {
	changed := func(i int) bool {
		return i >= 0 && i < len(e) && (i >= len(old) || old[i] != e[i])
	}
	return e.areas(func(i int) bool {
		return changed(i) || over && (changed(i-1) || changed(i+1))
	})
}

// page cuts areas to what one answer of QueryChangedDiskAreas may hold: those
// from offset on, at most limit of them (0: all). Its length says how far
// the answer reaches.
func page(areas []types.DiskChangeExtent, offset, capacity int64, limit int) types.DiskChangeInfo {
	answer := types.DiskChangeInfo{StartOffset: offset, Length: capacity - offset}
	for _, area := range areas {
		end := min(area.Start+area.Length, capacity)
		start := max(area.Start, offset)
		if end <= start {
			continue
		}
		if n := len(answer.ChangedArea); limit > 0 && n == limit {
			last := answer.ChangedArea[n-1]
			answer.Length = last.Start + last.Length - offset
			break
		}
		answer.ChangedArea = append(answer.ChangedArea,
			types.DiskChangeExtent{Start: start, Length: end - start})
	}
	return answer
}

// pattern fills buffer with bytes that a test can make again from the seed:
// SHA-256 of the seed's decimal digits and a counter of 8 bytes, from 0.
func pattern(buffer []byte, seed int64) {
	text := strconv.AppendInt(nil, seed, 10)
	input := make([]byte, len(text)+8)
	copy(input, text)
	for i := 0; i*sha256.Size < len(buffer); i++ {
		binary.BigEndian.PutUint64(input[len(text):], uint64(i))
		sum := sha256.Sum256(input)
		copy(buffer[i*sha256.Size:], sum[:])
	}
}

// fill writes a disk's first content: of each 4 MiB the first two are random,
// the third is a hole, the fourth holds written zeros. The last sector is
// always random.
func fill(name string, size, seed int64) error {
	const step = 1 << 20
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := file.Truncate(size); err != nil {
		return err
	}
	zeros := make([]byte, step)
	buffer := make([]byte, step)
	for i := int64(0); i*step < size; i++ {
		length := min(step, size-i*step)
		content := zeros[:length]
		switch i % 4 {
		case 2:
			continue
		case 0, 1:
			content = buffer[:length]
			pattern(content, seed<<20+i)
		}
		if _, err := file.WriteAt(content, i*step); err != nil {
			return err
		}
	}
	tail := buffer[:512]
	pattern(tail, seed)
	_, err = file.WriteAt(tail, size-512)
	return err
}
