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
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// vmView is what a session sees in place of govmomi's virtual machine: that
// with methods added and put over it. The simulator's global registry keeps
// govmomi's own, whose code asserts its exact type.
type vmView struct {
	*simulator.VirtualMachine
	machine *machine
}

type snapshotView struct {
	*simulator.VirtualMachineSnapshot
	machine *machine
}

// privileges says what an account needs to call a method.
var privileges = map[string]string{
	"ConsolidateVMDisks_Task": "VirtualMachine.State.RemoveSnapshot",
	"CreateSnapshotEx_Task":   "VirtualMachine.State.CreateSnapshot",
	"CreateSnapshot_Task":     "VirtualMachine.State.CreateSnapshot",
	"ExportVm":                "VApp.Export",
	"PowerOffVM_Task":         "VirtualMachine.Interact.PowerOff",
	"PowerOnVM_Task":          "VirtualMachine.Interact.PowerOn",
	"QueryChangedDiskAreas":   "VirtualMachine.Provisioning.DiskRandomRead",
	"ReconfigVM_Task":         "VirtualMachine.Config.ChangeTracking",
	"RemoveAllSnapshots_Task": "VirtualMachine.State.RemoveSnapshot",
	"RemoveSnapshot_Task":     "VirtualMachine.State.RemoveSnapshot",
	"RevertToSnapshot_Task":   "VirtualMachine.State.RevertToSnapshot",
	"ShutdownGuest":           "VirtualMachine.Interact.PowerOff",

	"ValidateCredentialsInGuest":      "VirtualMachine.GuestOperations.Query",
	"ListProcessesInGuest":            "VirtualMachine.GuestOperations.Query",
	"InitiateFileTransferFromGuest":   "VirtualMachine.GuestOperations.Query",
	"InitiateFileTransferToGuest":     "VirtualMachine.GuestOperations.Modify",
	"CreateTemporaryDirectoryInGuest": "VirtualMachine.GuestOperations.Modify",
	"DeleteDirectoryInGuest":          "VirtualMachine.GuestOperations.Modify",
	"StartProgramInGuest":             "VirtualMachine.GuestOperations.Execute",
}

// dispatch is asked by govmomi before each call.
func (s *sim) dispatch(ctx *simulator.Context, method *simulator.Method) (mo.Reference, types.BaseMethodFault) {
	s.stats.call(method.Name)
	if ctx.Session == nil || ctx.Session.UserName == "" { // ourselves
		s.show(ctx, method)
		return nil, nil
	}
	knobs := s.knobs.get()
	if wait := knobs.MethodDelay[method.Name]; wait > 0 {
		time.Sleep(time.Duration(wait) * time.Millisecond)
	}
	needed := privileges[method.Name]
	for _, denied := range knobs.DeniedPrivileges {
		if denied == needed {
			return nil, &types.NoPermission{Object: &method.This, PrivilegeId: needed}
		}
	}
	s.show(ctx, method)
	return nil, nil
}

// show puts our view of an object into the caller's session, whose registry
// wins over the global one.
func (s *sim) show(ctx *simulator.Context, method *simulator.Method) {
	if ctx.Session == nil {
		return
	}
	registry := ctx.Session.Registry
	var view mo.Reference
	switch o := ctx.Map.Get(method.This).(type) {
	case *simulator.VirtualMachine:
		if _, ok := registry.Get(o.Self).(*vmView); !ok {
			view = &vmView{o, s.machine(o)}
		}
	case *simulator.VirtualMachineSnapshot:
		vm, ok := ctx.Map.Get(o.Vm).(*simulator.VirtualMachine)
		if _, shown := registry.Get(o.Self).(*snapshotView); ok && !shown {
			view = &snapshotView{o, s.machine(vm)}
		}
	case *simulator.AuthorizationManager:
		if _, ok := registry.Get(o.Self).(*rightsView); !ok {
			view = &rightsView{o, s}
		}
	}
	if view == nil {
		return
	}
	registry.Put(view)
	s.mu.Lock()
	s.views[view.Reference()] = append(s.views[view.Reference()], registry)
	s.mu.Unlock()
}

// task runs one of govmomi's tasks inside one of ours, so that a knob can
// make it fail, and that after runs before anybody sees it done.
func (s *sim) task(ctx *simulator.Context, vm *simulator.VirtualMachine, method string, inner func() types.ManagedObjectReference, after func(types.AnyType) error) types.ManagedObjectReference {
	name := strings.ToLower(method[:1]) + strings.TrimSuffix(method[1:], "_Task") + "Task"
	fail := func(late bool) types.BaseMethodFault {
		if rule := s.knobs.failure(method, vm.Name, late); rule != nil {
			return s.fault(rule.Fault, rule.Message)
		}
		return nil
	}
	work := func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		if fault := fail(false); fault != nil {
			return nil, fault
		}
		task := ctx.Map.Get(inner()).(*simulator.Task)
		task.Wait()
		if task.Info.Error != nil {
			return nil, task.Info.Error.Fault
		}
		if after != nil {
			if err := after(task.Info.Result); err != nil {
				return nil, s.fault("GenericVmConfigFault", err.Error())
			}
		}
		return task.Info.Result, fail(true)
	}
	return simulator.CreateTask(vm, name, work).Run(ctx)
}

// ReconfigVMTask follows the switch of change tracking and grown disks.
func (vm *vmView) ReconfigVMTask(ctx *simulator.Context, req *types.ReconfigVM_Task) soap.HasFault {
	ref := vm.machine.sim.task(ctx, vm.VirtualMachine, "ReconfigVM_Task", func() types.ManagedObjectReference {
		return vm.VirtualMachine.ReconfigVMTask(ctx, req).(*methods.ReconfigVM_TaskBody).Res.Returnval
	}, func(types.AnyType) error {
		vm.machine.reconfigured(ctx, vm.VirtualMachine)
		return nil
	})
	return &methods.ReconfigVM_TaskBody{Res: &types.ReconfigVM_TaskResponse{Returnval: ref}}
}

// CreateSnapshotTask freezes the content of the disks.
func (vm *vmView) CreateSnapshotTask(ctx *simulator.Context, req *types.CreateSnapshot_Task) soap.HasFault {
	ref := vm.snapshotTask(ctx, "CreateSnapshot_Task", func() types.ManagedObjectReference {
		return vm.VirtualMachine.CreateSnapshotTask(ctx, req).(*methods.CreateSnapshot_TaskBody).Res.Returnval
	})
	return &methods.CreateSnapshot_TaskBody{Res: &types.CreateSnapshot_TaskResponse{Returnval: ref}}
}

// CreateSnapshotExTask is the newer form.
func (vm *vmView) CreateSnapshotExTask(ctx *simulator.Context, req *types.CreateSnapshotEx_Task) soap.HasFault {
	ref := vm.snapshotTask(ctx, "CreateSnapshotEx_Task", func() types.ManagedObjectReference {
		return vm.VirtualMachine.CreateSnapshotExTask(ctx, req).(*methods.CreateSnapshotEx_TaskBody).Res.Returnval
	})
	return &methods.CreateSnapshotEx_TaskBody{Res: &types.CreateSnapshotEx_TaskResponse{Returnval: ref}}
}

func (vm *vmView) snapshotTask(ctx *simulator.Context, method string, inner func() types.ManagedObjectReference) types.ManagedObjectReference {
	for _, d := range virtualDisks(vm.Config.Hardware.Device) {
		raw, ok := d.Backing.(*types.VirtualDiskRawDiskMappingVer1BackingInfo)
		physical := ok && raw.CompatibilityMode == string(types.VirtualDiskCompatibilityModePhysicalMode)
		if b := flat(d); physical || b != nil && b.Sharing == string(types.VirtualDiskSharingSharingMultiWriter) {
			return vm.failed(ctx, method, "SnapshotIncompatibleDeviceInVm",
				"The virtual machine has a device that prevents snapshots: "+d.DeviceInfo.GetDescription().Label)
		}
	}
	s := vm.machine.sim
	return s.task(ctx, vm.VirtualMachine, method, func() types.ManagedObjectReference {
		time.Sleep(time.Duration(s.knobs.get().SnapshotDelay) * time.Second)
		return inner()
	}, func(result types.AnyType) error {
		snapshot := ctx.Map.Get(result.(types.ManagedObjectReference)).(*simulator.VirtualMachineSnapshot)
		return vm.machine.freeze(ctx, vm.VirtualMachine, snapshot)
	})
}

// failed is a task that does nothing but fail.
func (vm *vmView) failed(ctx *simulator.Context, method, fault, message string) types.ManagedObjectReference {
	name := strings.ToLower(method[:1]) + strings.TrimSuffix(method[1:], "_Task") + "Task"
	return simulator.CreateTask(vm.VirtualMachine, name, func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		return nil, vm.machine.sim.fault(fault, message)
	}).Run(ctx)
}

// removed merges what no snapshot needs any more, or leaves it, by a knob.
func (m *machine) removed(ctx *simulator.Context, vm *simulator.VirtualMachine) func(types.AnyType) error {
	return func(types.AnyType) error {
		knobs := m.sim.knobs.get()
		time.Sleep(time.Duration(knobs.RemoveDelay) * time.Second)
		m.forget(ctx, vm)
		if knobs.LeaveDelta {
			ctx.Update(vm, []types.PropertyChange{{Name: "runtime.consolidationNeeded", Val: true}})
			return nil
		}
		m.consolidate(ctx, vm)
		return nil
	}
}

// RemoveAllSnapshotsTask merges all.
func (vm *vmView) RemoveAllSnapshotsTask(ctx *simulator.Context, req *types.RemoveAllSnapshots_Task) soap.HasFault {
	ref := vm.machine.sim.task(ctx, vm.VirtualMachine, "RemoveAllSnapshots_Task", func() types.ManagedObjectReference {
		return vm.VirtualMachine.RemoveAllSnapshotsTask(ctx, req).(*methods.RemoveAllSnapshots_TaskBody).Res.Returnval
	}, vm.machine.removed(ctx, vm.VirtualMachine))
	return &methods.RemoveAllSnapshots_TaskBody{Res: &types.RemoveAllSnapshots_TaskResponse{Returnval: ref}}
}

// RemoveSnapshotTask merges what only this snapshot needed.
func (v *snapshotView) RemoveSnapshotTask(ctx *simulator.Context, req *types.RemoveSnapshot_Task) soap.HasFault {
	vm := ctx.Map.Get(v.Vm).(*simulator.VirtualMachine)
	ref := v.machine.sim.task(ctx, vm, "RemoveSnapshot_Task", func() types.ManagedObjectReference {
		return v.VirtualMachineSnapshot.RemoveSnapshotTask(ctx, req).(*methods.RemoveSnapshot_TaskBody).Res.Returnval
	}, v.machine.removed(ctx, vm))
	return &methods.RemoveSnapshot_TaskBody{Res: &types.RemoveSnapshot_TaskResponse{Returnval: ref}}
}

// RevertToSnapshotTask brings the frozen content back.
func (v *snapshotView) RevertToSnapshotTask(ctx *simulator.Context, req *types.RevertToSnapshot_Task) soap.HasFault {
	vm := ctx.Map.Get(v.Vm).(*simulator.VirtualMachine)
	ref := v.machine.sim.task(ctx, vm, "RevertToSnapshot_Task", func() types.ManagedObjectReference {
		return v.VirtualMachineSnapshot.RevertToSnapshotTask(ctx, req).(*methods.RevertToSnapshot_TaskBody).Res.Returnval
	}, func(types.AnyType) error {
		return v.machine.revert(ctx, vm, v.VirtualMachineSnapshot)
	})
	return &methods.RevertToSnapshot_TaskBody{Res: &types.RevertToSnapshot_TaskResponse{Returnval: ref}}
}

// ConsolidateVMDisksTask is absent in govmomi's simulator.
func (vm *vmView) ConsolidateVMDisksTask(ctx *simulator.Context, _ *types.ConsolidateVMDisks_Task) soap.HasFault {
	task := simulator.CreateTask(vm.VirtualMachine, "consolidateVMDisksTask", func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		if rule := vm.machine.sim.knobs.failure("ConsolidateVMDisks_Task", vm.Name, false); rule != nil {
			return nil, vm.machine.sim.fault(rule.Fault, rule.Message)
		}
		vm.machine.consolidate(ctx, vm.VirtualMachine)
		ctx.Update(vm.VirtualMachine, []types.PropertyChange{{Name: "runtime.consolidationNeeded", Val: false}})
		return nil, nil
	})
	return &methods.ConsolidateVMDisks_TaskBody{Res: &types.ConsolidateVMDisks_TaskResponse{Returnval: task.Run(ctx)}}
}
