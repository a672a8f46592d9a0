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
	"context"
	"os"
	"path"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// restore brings a machine to the state that the inventory describes: its
// disks' first content, snapshots, tools and power. The machine is off while
// that happens.
func (m *machine) restore() error {
	m.stopWriter()
	if err := m.setPower(false); err != nil {
		return err
	}
	ctx := context.Background()
	vm := object.NewVirtualMachine(m.sim.client, m.ref)
	task, err := vm.RemoveAllSnapshot(ctx, types.NewBool(true))
	if err != nil {
		return err
	}
	if err := task.Wait(ctx); err != nil {
		return err
	}
	if err := m.restoreDisks(); err != nil {
		return err
	}
	for _, name := range m.spec.Snapshots {
		task, err := vm.CreateSnapshot(ctx, name, "made by the lab", false, false)
		if err != nil {
			return err
		}
		if err := task.Wait(ctx); err != nil {
			return err
		}
	}
	return m.restorePower(ctx, vm)
}

func (m *machine) restorePower(ctx context.Context, vm *object.VirtualMachine) error {
	if m.spec.Template {
		return ignoreDone(vm.MarkAsTemplate(ctx))
	}
	if m.spec.Power == "off" {
		return nil
	}
	if err := m.setPower(true); err != nil || m.spec.Power == "on" {
		return err
	}
	task, err := vm.Suspend(ctx)
	if err != nil {
		return err
	}
	return task.Wait(ctx)
}

// ignoreDone: a template cannot be made one again.
func ignoreDone(error) error { return nil }

func (m *machine) restoreDisks() error {
	ctx := m.sim.context()
	vm := ctx.Map.Get(m.ref).(*simulator.VirtualMachine)
	var err error
	ctx.WithLock(vm, func() {
		m.consolidate(ctx, vm)
		m.stun.Lock()
		defer m.stun.Unlock()
		m.tracks, m.pending, m.tools = nil, false, m.spec.Tools
		for _, d := range m.disks {
			err = firstOf(err, m.sim.removeDisk(d.name))
		}
		vm.Config.ChangeTrackingEnabled = types.NewBool(false)
		ctx.Update(vm, []types.PropertyChange{
			{Name: "config.hardware.device", Val: m.pristineDevices(vm)},
			{Name: "runtime.consolidationNeeded", Val: false},
		})
		for _, p := range m.pristine {
			err = firstOf(err, m.sim.fillDisk(p))
		}
		m.refreshLocked(vm)
	})
	return err
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// pristineDevices are the machine's, with its disks as they began.
func (m *machine) pristineDevices(vm *simulator.VirtualMachine) []types.BaseVirtualDevice {
	var devices []types.BaseVirtualDevice
	for _, device := range vm.Config.Hardware.Device {
		if d, ok := device.(*types.VirtualDisk); ok && flat(d) != nil {
			continue
		}
		devices = append(devices, device)
	}
	for key := int32(diskKey); key < diskKey+int32(len(m.spec.Disks)); key++ {
		if p, ok := m.pristine[key]; ok {
			p.device.Backing = &p.backing
			devices = append(devices, &p.device)
		}
	}
	return devices
}

// fillDisk writes a disk's first content and its descriptor.
func (s *sim) fillDisk(p pristineDisk) error {
	file, err := s.content(p.backing.FileName)
	if err != nil {
		return err
	}
	if p.spec.Image != "" {
		err = sparseCopy(path.Join(s.conf.Images, p.spec.Image), file)
	} else {
		err = fill(file, p.device.CapacityInBytes, p.spec.Seed)
	}
	if err != nil {
		return err
	}
	if err := os.Truncate(file, p.device.CapacityInBytes); err != nil {
		return err
	}
	return s.writeDescriptor(p.backing.FileName, p.device.CapacityInBytes)
}

func (s *sim) removeDisk(name string) error {
	file, err := s.content(name)
	if err != nil {
		return err
	}
	folder, rest, err := s.split(name)
	if err != nil {
		return err
	}
	_ = os.Remove(path.Join(folder, rest))
	return os.Remove(file)
}

// move is a storage vMotion: the disks' files go to another datastore.
func (m *machine) move(datastore string, forget bool) error {
	ctx := m.sim.context()
	vm := ctx.Map.Get(m.ref).(*simulator.VirtualMachine)
	var err error
	ctx.WithLock(vm, func() {
		m.stun.Lock()
		defer m.stun.Unlock()
		devices := append([]types.BaseVirtualDevice(nil), vm.Config.Hardware.Device...)
		for i, device := range devices {
			d, ok := device.(*types.VirtualDisk)
			if !ok || flat(d) == nil || err != nil {
				continue
			}
			changed, backing := *d, *flat(d)
			if backing.FileName, err = m.sim.moveDisk(backing.FileName, datastore, d.CapacityInBytes); err != nil {
				return
			}
			backing.Datastore = m.sim.datastoreRef(datastore)
			changed.Backing = &backing
			devices[i] = &changed
		}
		ctx.Update(vm, []types.PropertyChange{
			{Name: "config.hardware.device", Val: devices},
			{Name: "datastore", Val: []types.ManagedObjectReference{*m.sim.datastoreRef(datastore)}},
		})
		m.refreshLocked(vm)
		if forget && m.tracks != nil {
			m.startTracking(ctx, vm)
		}
	})
	return err
}

func (s *sim) datastoreRef(name string) *types.ManagedObjectReference {
	for _, entity := range s.registry().All("Datastore") {
		if entity.Entity().Name == name {
			ref := entity.Reference()
			return &ref
		}
	}
	return nil
}

func (s *sim) moveDisk(name, datastore string, capacity int64) (string, error) {
	var p object.DatastorePath
	p.FromString(name)
	p.Datastore = datastore
	source, err := s.content(name)
	if err != nil {
		return "", err
	}
	target, err := s.content(p.String())
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(path.Dir(target), 0o700); err != nil {
		return "", err
	}
	if err := os.Rename(source, target); err != nil {
		return "", err
	}
	folder, rest, _ := s.split(name)
	_ = os.Remove(path.Join(folder, rest))
	return p.String(), s.writeDescriptor(p.String(), capacity)
}
