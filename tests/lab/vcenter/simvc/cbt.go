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
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// track remembers the blocks of one disk at each change id handed out.
type track struct {
	id     string
	last   int
	epochs map[int]epoch
}

// newTrack begins with an id in the style of vSphere: "52 03 66 …".
func newTrack() *track {
	digits := strings.ReplaceAll(uuid.NewString(), "-", "")
	var pairs []string
	for i := 0; i < len(digits); i += 2 {
		pairs = append(pairs, digits[i:i+2])
	}
	id := strings.Join(pairs[:8], " ") + "-" + strings.Join(pairs[8:], " ")
	return &track{id: id, epochs: map[int]epoch{}}
}

// add notes the present state of a file and returns its change id.
func (t *track) add(file string) (string, error) {
	hashes, err := hashBlocks(file)
	if err != nil {
		return "", err
	}
	t.last++
	t.epochs[t.last] = hashes
	return fmt.Sprintf("%s/%d", t.id, t.last), nil
}

func parseChangeID(text string) (id string, number int, ok bool) {
	i := strings.LastIndex(text, "/")
	if i < 0 {
		return "", 0, false
	}
	number, err := strconv.Atoi(text[i+1:])
	return text[:i], number, err == nil
}

// reconfigured follows the switch of the machine: off forgets all; on works
// at once only when nothing runs, else from the next stun, and never while
// there are snapshots.
func (m *machine) reconfigured(ctx *simulator.Context, vm *simulator.VirtualMachine) {
	m.refresh(vm)
	on := vm.Config.ChangeTrackingEnabled != nil && *vm.Config.ChangeTrackingEnabled
	m.stun.Lock()
	defer m.stun.Unlock()
	switch {
	case !on:
		m.dropTracks(ctx, vm)
	case m.tracks == nil && !m.pending:
		m.pending = true
		if !m.running || m.sim.knobs.get().CBTImmediate {
			m.startTracking(ctx, vm)
		}
	}
}

func (m *machine) dropTracks(ctx *simulator.Context, vm *simulator.VirtualMachine) {
	m.tracks, m.pending = nil, false
	m.setChangeIDs(ctx, vm, map[int32]string{})
}

// startTracking makes tracking effective, unless there are snapshots.
func (m *machine) startTracking(ctx *simulator.Context, vm *simulator.VirtualMachine) {
	if vm.Snapshot != nil {
		return
	}
	m.pending = false
	m.tracks = map[int32]*track{}
	ids := map[int32]string{}
	for _, d := range virtualDisks(vm.Config.Hardware.Device) {
		backing := flat(d)
		if !inSnapshots(backing) || backing.Sharing == string(types.VirtualDiskSharingSharingMultiWriter) {
			continue
		}
		file, err := m.sim.content(backing.FileName)
		if err != nil {
			continue
		}
		t := newTrack()
		if ids[d.Key], err = t.add(file); err != nil {
			log.Printf("tracking of %s: %s", file, err)
			continue
		}
		m.tracks[d.Key] = t
	}
	m.setChangeIDs(ctx, vm, ids)
}

// setChangeIDs shows the ids in the machine's own disks, ” for none.
func (m *machine) setChangeIDs(ctx *simulator.Context, vm *simulator.VirtualMachine, ids map[int32]string) {
	devices := append([]types.BaseVirtualDevice(nil), vm.Config.Hardware.Device...)
	for i, device := range devices {
		d, ok := device.(*types.VirtualDisk)
		if !ok || flat(d) == nil {
			continue
		}
		changed, backing := *d, *flat(d)
		backing.ChangeId = ids[d.Key]
		changed.Backing = &backing
		devices[i] = &changed
	}
	ctx.Update(vm, []types.PropertyChange{{Name: "config.hardware.device", Val: devices}})
}

// QueryChangedDiskAreas is absent in govmomi's simulator.
func (vm *vmView) QueryChangedDiskAreas(ctx *simulator.Context, req *types.QueryChangedDiskAreas) soap.HasFault {
	body := new(methods.QueryChangedDiskAreasBody)
	answer, message, fault := vm.changedAreas(ctx, req)
	if fault != nil {
		body.Fault_ = simulator.Fault(message, fault)
	} else {
		body.Res = &types.QueryChangedDiskAreasResponse{Returnval: answer}
	}
	return body
}

func (vm *vmView) changedAreas(ctx *simulator.Context, req *types.QueryChangedDiskAreas) (answer types.DiskChangeInfo, message string, fault types.BaseMethodFault) {
	invalid := func(property string) (types.DiskChangeInfo, string, types.BaseMethodFault) {
		return answer, "A specified parameter was not correct: " + property, &types.InvalidArgument{InvalidProperty: property}
	}
	devices := vm.Config.Hardware.Device
	if req.Snapshot != nil {
		snapshot, ok := ctx.Map.Get(*req.Snapshot).(*simulator.VirtualMachineSnapshot)
		if !ok || snapshot.Vm != vm.Self {
			return answer, "The object has already been deleted or has not been completely created", &types.ManagedObjectNotFound{Obj: *req.Snapshot}
		}
		devices = snapshot.Config.Hardware.Device
	} else if vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
		return invalid("snapshot")
	}
	var target *types.VirtualDisk
	for _, d := range virtualDisks(devices) {
		if d.Key == req.DeviceKey && flat(d) != nil {
			target = d
		}
	}
	if target == nil {
		return invalid("deviceKey")
	}
	if req.StartOffset < 0 || req.StartOffset >= target.CapacityInBytes {
		return invalid("startOffset")
	}
	old, number, wellFormed := parseChangeID(req.ChangeId)
	if req.ChangeId != "*" && !wellFormed {
		return invalid("changeId")
	}
	vm.machine.stun.Lock()
	defer vm.machine.stun.Unlock()
	knobs := vm.machine.sim.knobs.get()
	file, _ := vm.machine.sim.content(flat(target).FileName)
	// what vSphere says of a change id that it cannot use
	message, fault = "Error caused by file "+file, &types.FileFault{File: file}
	t := vm.machine.tracks[target.Key]
	id, current, _ := parseChangeID(flat(target).ChangeId)
	if knobs.CBTBroken || t == nil || t.id != id {
		return
	}
	now := t.epochs[current]
	if req.Snapshot == nil { // powered off: what was written since counts too
		var err error
		if now, err = hashBlocks(file); err != nil {
			return
		}
	}
	areas := []types.DiskChangeExtent{{Start: 0, Length: target.CapacityInBytes}}
	if req.ChangeId != "*" {
		base := t.epochs[number]
		if old != t.id || base == nil || number > current {
			return
		}
		areas = now.since(base, knobs.OverReport)
	} else if !knobs.StarAll {
		areas = now.allocated()
	}
	return page(areas, req.StartOffset, target.CapacityInBytes, knobs.MaxAreas), "", nil
}
