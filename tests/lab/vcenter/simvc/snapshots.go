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
	"log"
	"os"
	"path"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

type flatBacking = types.VirtualDiskFlatVer2BackingInfo

// freeze: the snapshot keeps the old files, the machine goes on in new ones.
// These are full sparse copies, not redo logs, and named as such.
func (m *machine) freeze(ctx *simulator.Context, vm *simulator.VirtualMachine, snapshot *simulator.VirtualMachineSnapshot) error {
	m.stun.Lock()
	defer m.stun.Unlock()
	frozen := map[int32]*flatBacking{}
	for _, d := range virtualDisks(snapshot.Config.Hardware.Device) {
		frozen[d.Key] = flat(d)
	}
	devices := append([]types.BaseVirtualDevice(nil), vm.Config.Hardware.Device...)
	for i, device := range devices {
		d, ok := device.(*types.VirtualDisk)
		if !ok || !inSnapshots(flat(d)) {
			continue
		}
		parent := *flat(d)
		id, err := m.changeID(d.Key, parent.FileName)
		if err != nil {
			return err
		}
		name, err := m.startDelta(parent.FileName, d.CapacityInBytes)
		if err != nil {
			return err
		}
		if f := frozen[d.Key]; f != nil {
			f.ChangeId = id
		}
		parent.ChangeId = id
		changed, backing := *d, parent
		backing.FileName, backing.Parent = name, &parent
		changed.Backing = &backing
		devices[i] = &changed
	}
	ctx.Update(vm, []types.PropertyChange{{Name: "config.hardware.device", Val: devices}})
	m.refreshLocked(vm)
	return nil
}

// changeID notes the state of a disk that is about to be frozen; ” when
// tracking is not effective.
func (m *machine) changeID(key int32, name string) (string, error) {
	t := m.tracks[key]
	if t == nil {
		return "", nil
	}
	file, err := m.sim.content(name)
	if err != nil {
		return "", err
	}
	return t.add(file)
}

// startDelta makes the file in which a machine goes on; returns its name.
func (m *machine) startDelta(parent string, capacity int64) (string, error) {
	stem := strings.TrimSuffix(parent, ".vmdk")
	if deltaName.MatchString(parent) {
		stem = stem[:len(stem)-len("-000001")]
	}
	source, err := m.sim.content(parent)
	if err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s-%06d.vmdk", stem, n)
		target, err := m.sim.content(name)
		if err != nil {
			return "", err
		}
		if _, err := os.Stat(target); err == nil {
			continue
		}
		if err := sparseCopy(source, target); err != nil {
			return "", err
		}
		return name, m.sim.writeDescriptor(name, capacity)
	}
}

func (m *machine) snapshots(ctx *simulator.Context) []*simulator.VirtualMachineSnapshot {
	var found []*simulator.VirtualMachineSnapshot
	for _, r := range ctx.Map.AllReference("VirtualMachineSnapshot") {
		if s := r.(*simulator.VirtualMachineSnapshot); s.Vm == m.ref {
			found = append(found, s)
		}
	}
	return found
}

// forget removes the snapshots that the machine's tree no longer holds:
// govmomi leaves children registered.
func (m *machine) forget(ctx *simulator.Context, vm *simulator.VirtualMachine) {
	living := map[types.ManagedObjectReference]bool{}
	var visit func([]types.VirtualMachineSnapshotTree)
	visit = func(trees []types.VirtualMachineSnapshotTree) {
		for _, tree := range trees {
			living[tree.Snapshot] = true
			visit(tree.ChildSnapshotList)
		}
	}
	if vm.Snapshot != nil {
		visit(vm.Snapshot.RootSnapshotList)
	}
	for _, s := range m.snapshots(ctx) {
		if !living[s.Self] {
			ctx.Map.Remove(ctx, s.Self)
		}
	}
}

// consolidate merges every file that no snapshot needs any more into the one
// below it; tracking that waited for a stun without snapshots begins.
func (m *machine) consolidate(ctx *simulator.Context, vm *simulator.VirtualMachine) {
	m.stun.Lock()
	defer m.stun.Unlock()
	needed := map[string]bool{}
	for _, s := range m.snapshots(ctx) {
		for _, d := range virtualDisks(s.Config.Hardware.Device) {
			if b := flat(d); b != nil {
				needed[b.FileName] = true
			}
		}
	}
	for again := true; again; {
		again = false
		for _, d := range virtualDisks(vm.Config.Hardware.Device) {
			for b := flat(d); b != nil && b.Parent != nil; b = b.Parent {
				if !needed[b.Parent.FileName] {
					again = m.merge(ctx, vm, b.FileName, b.Parent.FileName)
					break
				}
			}
		}
	}
	m.refreshLocked(vm)
	if m.pending {
		m.startTracking(ctx, vm)
	}
}

// merge puts the content of child in the place of its parent.
func (m *machine) merge(ctx *simulator.Context, vm *simulator.VirtualMachine, child, parent string) bool {
	source, _ := m.sim.content(child)
	target, _ := m.sim.content(parent)
	if err := os.Rename(source, target); err != nil {
		log.Printf("consolidate: %s", err)
		return false
	}
	if folder, rest, err := m.sim.split(child); err == nil {
		_ = os.Remove(path.Join(folder, rest))
	}
	fix := func(b *flatBacking) {
		for ; b != nil; b = b.Parent {
			if b.FileName == child {
				b.FileName = parent
				if b.Parent != nil && b.Parent.FileName == parent {
					b.Parent = b.Parent.Parent
				}
			}
		}
	}
	for _, s := range m.snapshots(ctx) {
		for _, d := range virtualDisks(s.Config.Hardware.Device) {
			fix(flat(d))
		}
	}
	devices := append([]types.BaseVirtualDevice(nil), vm.Config.Hardware.Device...)
	for i, device := range devices {
		if d, ok := device.(*types.VirtualDisk); ok && flat(d) != nil {
			changed, backing := *d, *flat(d)
			fix(&backing)
			changed.Backing = &backing
			devices[i] = &changed
		}
	}
	ctx.Update(vm, []types.PropertyChange{{Name: "config.hardware.device", Val: devices}})
	return true
}

// revert gives a machine's disks the content that a snapshot froze. Change
// ids from before are of no use then.
func (m *machine) revert(ctx *simulator.Context, vm *simulator.VirtualMachine, snapshot *simulator.VirtualMachineSnapshot) error {
	m.stun.Lock()
	defer m.stun.Unlock()
	frozen := map[int32]string{}
	for _, d := range virtualDisks(snapshot.Config.Hardware.Device) {
		if b := flat(d); inSnapshots(b) {
			frozen[d.Key] = b.FileName
		}
	}
	for _, d := range m.disks {
		name, ok := frozen[d.key]
		if !ok {
			continue
		}
		source, err := m.sim.content(name)
		if err != nil {
			return err
		}
		if err := sparseCopy(source, d.file); err != nil {
			return err
		}
	}
	if m.tracks != nil {
		m.dropTracks(ctx, vm)
		m.pending = true
	}
	return nil
}
