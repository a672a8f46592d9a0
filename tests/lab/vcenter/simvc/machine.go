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
	"errors"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// machine is what we know of a virtual machine beyond govmomi's object: where
// its content lies, and what its blocks were.
type machine struct {
	sim  *sim
	spec machineSpec
	ref  types.ManagedObjectReference

	// stun guards all below and the content of the disks: nobody writes
	// while a snapshot is made
	stun     sync.Mutex
	running  bool
	tools    string  // running, stopped or none
	disks    []*disk // in the order of the devices
	tracks   map[int32]*track
	pending  bool // tracking was switched on, but waits for a stun
	pristine map[int32]pristineDisk
	writer   *writer
}

type disk struct {
	key      int32
	name     string // datastore path of the live descriptor
	file     string // with its content
	capacity int64
	scratch  [2]int64
}

// pristineDisk is how a disk began, for reset.
type pristineDisk struct {
	device  types.VirtualDisk
	backing types.VirtualDiskFlatVer2BackingInfo
	spec    diskSpec
}

var errPoweredOff = errors.New("the machine is not running: nothing in it can write")

func virtualDisks(devices []types.BaseVirtualDevice) []*types.VirtualDisk {
	var found []*types.VirtualDisk
	for _, device := range devices {
		if d, ok := device.(*types.VirtualDisk); ok {
			found = append(found, d)
		}
	}
	return found
}

// flat returns the backing of a disk with a file of ours, else nil.
func flat(d *types.VirtualDisk) *types.VirtualDiskFlatVer2BackingInfo {
	backing, _ := d.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
	return backing
}

// inSnapshots says whether a snapshot takes this disk in.
func inSnapshots(b *types.VirtualDiskFlatVer2BackingInfo) bool {
	return b != nil && !strings.HasPrefix(b.DiskMode, "independent")
}

var deltaName = regexp.MustCompile(`-\d{6}\.vmdk$`)

// split parses a datastore path into the datastore's folder and the rest.
func (s *sim) split(name string) (string, string, error) {
	var p object.DatastorePath
	if !p.FromString(name) {
		return "", "", fmt.Errorf("%q is no datastore path", name)
	}
	if _, ok := s.inventory.Datastores[p.Datastore]; !ok {
		return "", "", fmt.Errorf("no datastore %q", p.Datastore)
	}
	return path.Join(s.conf.Datastores, p.Datastore), p.Path, nil
}

// content returns the file that holds the content of a disk.
func (s *sim) content(name string) (string, error) {
	folder, rest, err := s.split(name)
	if err != nil {
		return "", err
	}
	kind := "-flat.vmdk"
	if deltaName.MatchString(rest) {
		kind = "-sesparse.vmdk" // as a redo log is called: not served by /folder
	}
	return path.Join(folder, strings.TrimSuffix(rest, ".vmdk")+kind), nil
}

// writeDescriptor makes the small text file that a disk is known by.
func (s *sim) writeDescriptor(name string, capacity int64) error {
	folder, rest, err := s.split(name)
	if err != nil {
		return err
	}
	file, err := s.content(name)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("# Disk DescriptorFile\nversion=1\nCID=fffffffe\n"+
		"parentCID=ffffffff\ncreateType=\"vmfs\"\n\n# Extent description\n"+
		"RW %d VMFS %q\n", capacity/512, path.Base(file))
	return os.WriteFile(path.Join(folder, rest), []byte(text), 0o600)
}

// refresh takes over the disks of govmomi's object, which its caller locks.
func (m *machine) refresh(vm *simulator.VirtualMachine) {
	m.stun.Lock()
	defer m.stun.Unlock()
	m.refreshLocked(vm)
}

func (m *machine) refreshLocked(vm *simulator.VirtualMachine) {
	var disks []*disk
	for _, d := range virtualDisks(vm.Config.Hardware.Device) {
		backing := flat(d)
		if backing == nil {
			continue
		}
		file, err := m.sim.content(backing.FileName)
		if err != nil {
			continue
		}
		one := &disk{key: d.Key, name: backing.FileName, file: file, capacity: d.CapacityInBytes}
		one.scratch = m.pristine[d.Key].spec.Scratch
		// new and grown disks: govmomi makes flat files of no length
		if stat, err := os.Stat(file); err == nil && stat.Size() < one.capacity {
			_ = os.Truncate(file, one.capacity)
		}
		disks = append(disks, one)
	}
	m.disks = disks
}

// powered follows the machine's power state; govmomi's object is locked.
func (m *machine) powered(ctx *simulator.Context, vm *simulator.VirtualMachine) {
	on := vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn
	m.stun.Lock()
	m.running = on
	if m.pending && !on {
		m.startTracking(ctx, vm)
	}
	m.stun.Unlock()
	m.setGuest(ctx, vm, on)
}

// locked says whether a file is open for writing in a running machine.
func (s *sim) locked(file string) bool {
	for _, m := range s.all() {
		m.stun.Lock()
		found := m.running && slices.ContainsFunc(m.disks, func(d *disk) bool { return d.file == file })
		m.stun.Unlock()
		if found {
			return true
		}
	}
	return false
}

// write changes a running machine's disk as its guest would.
func (m *machine) write(index int, offset int64, content []byte) error {
	m.stun.Lock()
	defer m.stun.Unlock()
	if !m.running {
		return errPoweredOff
	}
	if index < 0 || index >= len(m.disks) {
		return fmt.Errorf("the machine has %d disks", len(m.disks))
	}
	d := m.disks[index]
	if offset < 0 || offset+int64(len(content)) > d.capacity {
		return fmt.Errorf("outside the disk of %d bytes", d.capacity)
	}
	file, err := os.OpenFile(d.file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteAt(content, offset)
	return errors.Join(err, file.Close())
}
