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
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// ShutdownGuest asks the guest, if it has tools that run; what it does then
// is its own affair (knobs).
func (vm *vmView) ShutdownGuest(ctx *simulator.Context, req *types.ShutdownGuest) soap.HasFault {
	if vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
		return vm.VirtualMachine.ShutdownGuest(ctx, req)
	}
	body := new(methods.ShutdownGuestBody)
	if vm.Guest.ToolsRunningStatus != string(types.VirtualMachineToolsRunningStatusGuestToolsRunning) {
		body.Fault_ = simulator.Fault("Cannot complete operation because VMware Tools is not running in this virtual machine.", new(types.ToolsUnavailable))
		return body
	}
	knobs := vm.machine.sim.knobs.get()
	switch {
	case knobs.ShutdownIgnored:
	case knobs.ShutdownDelay > 0:
		time.AfterFunc(time.Duration(knobs.ShutdownDelay)*time.Second, func() {
			_ = vm.machine.setPower(false)
		})
	default:
		return vm.VirtualMachine.ShutdownGuest(ctx, req)
	}
	body.Res = new(types.ShutdownGuestResponse)
	return body
}

// PowerOnVMTask can be made to fail.
func (vm *vmView) PowerOnVMTask(ctx *simulator.Context, req *types.PowerOnVM_Task) soap.HasFault {
	if vm.Config.Template {
		return vm.VirtualMachine.PowerOnVMTask(ctx, req)
	}
	ref := vm.machine.sim.task(ctx, vm.VirtualMachine, "PowerOnVM_Task", func() types.ManagedObjectReference {
		return vm.VirtualMachine.PowerOnVMTask(ctx, req).(*methods.PowerOnVM_TaskBody).Res.Returnval
	}, nil)
	return &methods.PowerOnVM_TaskBody{Res: &types.PowerOnVM_TaskResponse{Returnval: ref}}
}

// PowerOffVMTask can be made to fail.
func (vm *vmView) PowerOffVMTask(ctx *simulator.Context, req *types.PowerOffVM_Task) soap.HasFault {
	ref := vm.machine.sim.task(ctx, vm.VirtualMachine, "PowerOffVM_Task", func() types.ManagedObjectReference {
		return vm.VirtualMachine.PowerOffVMTask(ctx, req).(*methods.PowerOffVM_TaskBody).Res.Returnval
	}, nil)
	return &methods.PowerOffVM_TaskBody{Res: &types.PowerOffVM_TaskResponse{Returnval: ref}}
}

// setPower switches a machine that is not in that state yet.
func (m *machine) setPower(on bool) error {
	ctx := context.Background()
	vm := object.NewVirtualMachine(m.sim.client, m.ref)
	state, err := vm.PowerState(ctx)
	if err != nil || on == (state == types.VirtualMachinePowerStatePoweredOn) ||
		!on && state == types.VirtualMachinePowerStatePoweredOff {
		return err
	}
	change := vm.PowerOff
	if on {
		change = vm.PowerOn
	}
	task, err := change(ctx)
	if err != nil {
		return err
	}
	return task.Wait(ctx)
}

// setGuest shows what the tools of a guest report: nothing once it is off.
func (m *machine) setGuest(ctx *simulator.Context, vm *simulator.VirtualMachine, on bool) {
	status, running := types.VirtualMachineToolsStatusToolsNotInstalled, types.VirtualMachineToolsRunningStatusGuestToolsNotRunning
	version := types.VirtualMachineToolsVersionStatusGuestToolsNotInstalled
	if m.tools == "running" || m.tools == "stopped" {
		status = types.VirtualMachineToolsStatusToolsNotRunning
		version = types.VirtualMachineToolsVersionStatusGuestToolsUnmanaged
	}
	guest := types.GuestInfo{
		GuestId:       vm.Config.GuestId,
		GuestState:    "notRunning",
		ToolsVersion:  "0",
		GuestFamily:   m.spec.Family,
		GuestFullName: vm.Config.GuestFullName,
	}
	if on && m.tools == "running" {
		status = types.VirtualMachineToolsStatusToolsOk
		running = types.VirtualMachineToolsRunningStatusGuestToolsRunning
		guest.GuestState = "running"
		guest.ToolsVersion = "12352"
		guest.HostName = m.spec.Hostname
		guest.Net = m.guestNICs(vm)
		for _, nic := range guest.Net {
			if len(nic.IpAddress) > 0 && guest.IpAddress == "" {
				guest.IpAddress = nic.IpAddress[0]
			}
		}
	}
	guest.ToolsStatus, guest.ToolsRunningStatus = status, string(running)
	guest.ToolsVersionStatus, guest.ToolsVersionStatus2 = string(version), string(version)
	summary := types.VirtualMachineGuestSummary{
		GuestId:            guest.GuestId,
		GuestFullName:      guest.GuestFullName,
		ToolsStatus:        status,
		ToolsRunningStatus: string(running),
		ToolsVersionStatus: string(version), ToolsVersionStatus2: string(version),
		HostName:  guest.HostName,
		IpAddress: guest.IpAddress,
	}
	ctx.Update(vm, []types.PropertyChange{
		{Name: "guest", Val: &guest},
		{Name: "summary.guest", Val: &summary},
	})
}

func (m *machine) guestNICs(vm *simulator.VirtualMachine) []types.GuestNicInfo {
	var found []types.GuestNicInfo
	index := 0
	for _, device := range vm.Config.Hardware.Device {
		card, ok := device.(types.BaseVirtualEthernetCard)
		if !ok || index >= len(m.spec.NICs) {
			continue
		}
		spec := m.spec.NICs[index]
		index++
		nic := types.GuestNicInfo{
			Network:        spec.Network,
			MacAddress:     card.GetVirtualEthernetCard().MacAddress,
			Connected:      !spec.Off,
			DeviceConfigId: card.GetVirtualEthernetCard().Key,
			IpConfig:       &types.NetIpConfigInfo{},
		}
		for _, address := range spec.Addresses {
			nic.IpAddress = append(nic.IpAddress, address)
			nic.IpConfig.IpAddress = append(nic.IpConfig.IpAddress, types.NetIpConfigInfoIpAddress{
				IpAddress: address, PrefixLength: 24, State: "preferred",
			})
		}
		found = append(found, nic)
	}
	return found
}
