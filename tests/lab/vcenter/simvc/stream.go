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
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

const (
	streamSector   = 512
	streamGrain    = 128 // sectors
	streamEntries  = 512 // of a grain table
	streamOverhead = 128 // sectors before the first grain
	markTable      = 1
	markDirectory  = 2
	markFooter     = 3
	directoryLater = ^uint64(0)
)

// streamHeader is the first sector, and the footer, of a sparse VMDK.
type streamHeader struct {
	Magic                                     [4]byte
	Version, Flags                            uint32
	Capacity, Grain, Descriptor, DescriptorOf uint64
	Entries                                   uint32
	Redundant, Directory, Overhead            uint64
	Unclean                                   uint8
	Lines                                     [4]byte
	Compression                               uint16
}

// streamer writes a streamOptimized VMDK in the layout of ESXi: tables as
// markers behind their grains, the directory and a footer at the end.
type streamer struct {
	out       *bufio.Writer
	sector    uint64
	capacity  uint64
	table     [streamEntries]uint32
	directory []uint32
	packed    bytes.Buffer
}

func writeStream(w io.Writer, disk *os.File) error {
	info, err := disk.Stat()
	if err != nil {
		return err
	}
	s := &streamer{out: bufio.NewWriterSize(w, 1<<20), capacity: uint64(info.Size()) / streamSector}
	s.head()
	grain := make([]byte, streamGrain*streamSector)
	empty := make([]byte, len(grain))
	for at := uint64(0); at < s.capacity; at += streamGrain {
		clear(grain)
		if _, err := disk.ReadAt(grain, int64(at*streamSector)); err != nil && err != io.EOF {
			return err
		}
		if !bytes.Equal(grain, empty) {
			if err := s.grain(at, grain); err != nil {
				return err
			}
		}
		last := at+streamGrain >= s.capacity
		if last || (at/streamGrain)%streamEntries == streamEntries-1 {
			s.closeTable()
		}
	}
	s.end()
	return s.out.Flush()
}

func (s *streamer) header(directory uint64) []byte {
	var b bytes.Buffer
	binary.Write(&b, binary.LittleEndian, streamHeader{
		Magic: [4]byte{'K', 'D', 'M', 'V'}, Version: 3, Flags: 0x30001,
		Capacity: s.capacity, Grain: streamGrain, Descriptor: 1, DescriptorOf: 20,
		Entries: streamEntries, Directory: directory, Overhead: streamOverhead,
		Lines: [4]byte{'\n', ' ', '\r', '\n'}, Compression: 1,
	})
	return b.Bytes()
}

func (s *streamer) head() {
	s.write(s.header(directoryLater))
	s.write([]byte(fmt.Sprintf("# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\n"+
		"createType=\"streamOptimized\"\nRDONLY %d SPARSE \"disk.vmdk\"\n", s.capacity)))
	s.write(make([]byte, (streamOverhead-s.sector)*streamSector))
}

// write sends whole sectors; what is missing of the last is zero.
func (s *streamer) write(data []byte) {
	s.out.Write(data)
	if rest := len(data) % streamSector; rest != 0 {
		s.out.Write(make([]byte, streamSector-rest))
	}
	s.sector += uint64((len(data) + streamSector - 1) / streamSector)
}

func (s *streamer) mark(kind uint32, sectors uint64) {
	marker := binary.LittleEndian.AppendUint64(nil, sectors)
	marker = binary.LittleEndian.AppendUint32(marker, 0)
	s.write(binary.LittleEndian.AppendUint32(marker, kind))
}

func (s *streamer) grain(at uint64, data []byte) error {
	s.packed.Reset()
	s.packed.Write(make([]byte, 12))
	z, err := zlib.NewWriterLevel(&s.packed, zlib.BestSpeed)
	if err != nil {
		return err
	}
	z.Write(data)
	z.Close()
	b := s.packed.Bytes()
	binary.LittleEndian.PutUint64(b, at)
	binary.LittleEndian.PutUint32(b[8:], uint32(len(b)-12))
	s.table[at/streamGrain%streamEntries] = uint32(s.sector)
	s.write(b)
	return nil
}

func (s *streamer) closeTable() {
	at := uint32(0)
	if s.table != [streamEntries]uint32{} {
		s.mark(markTable, streamEntries*4/streamSector)
		at = uint32(s.sector)
		s.write(words(s.table[:]))
	}
	s.directory = append(s.directory, at)
	clear(s.table[:])
}

func (s *streamer) end() {
	size := uint64(len(s.directory)*4+streamSector-1) / streamSector
	s.mark(markDirectory, size)
	at := s.sector
	s.write(words(s.directory))
	s.mark(markFooter, 1)
	s.write(s.header(at))
	s.mark(0, 0)
}

func words(values []uint32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}
