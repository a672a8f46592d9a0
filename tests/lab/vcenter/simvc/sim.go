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
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// sim is the simulated vCenter: govmomi's, and what we add to it.
type sim struct {
	conf      config
	inventory *inventory
	service   *simulator.Service
	client    *vim25.Client // in process
	knobs     knobBoard
	stats     statistics
	limiter   limiter
	guests    *guests

	mu       sync.Mutex
	machines map[types.ManagedObjectReference]*machine
	views    map[types.ManagedObjectReference][]*simulator.Registry
	messages map[types.BaseMethodFault]string // of faults that we made
	leases   map[string]*lease
}

func newSim(conf config, inventory *inventory) *sim {
	return &sim{
		conf:      conf,
		inventory: inventory,
		machines:  map[types.ManagedObjectReference]*machine{},
		views:     map[types.ManagedObjectReference][]*simulator.Registry{},
		messages:  map[types.BaseMethodFault]string{},
		leases:    map[string]*lease{},
	}
}

func (s *sim) registry() *simulator.Registry { return s.service.Context.Map }

// context is one of our own, to lock and change objects with.
func (s *sim) context() *simulator.Context {
	ctx := *s.service.Context
	return &ctx
}

// machine returns what we know of a machine, from now on if it is new.
func (s *sim) machine(vm *simulator.VirtualMachine) *machine {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.machines[vm.Self]
	if m == nil {
		m = &machine{sim: s, ref: vm.Self, spec: machineSpec{Name: vm.Name}, tools: "running"}
		m.running = vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn
		s.machines[vm.Self] = m
		m.refresh(vm)
	}
	return m
}

// all returns the machines that we know more of than govmomi.
func (s *sim) all() []*machine {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.machines))
}

// fault makes a fault by its name in the API; "" is InvalidState.
func (s *sim) fault(name, message string) types.BaseMethodFault {
	var fault types.BaseMethodFault = new(types.InvalidState)
	if kind, ok := types.TypeFunc()(name); ok {
		if made, ok := reflect.New(kind).Interface().(types.BaseMethodFault); ok {
			fault = made
		}
	}
	if device, ok := fault.(*types.SnapshotIncompatibleDeviceInVm); ok { // it must hold another
		device.Fault = types.LocalizedMethodFault{Fault: new(types.NotSupported), LocalizedMessage: message}
	}
	if message != "" {
		s.mu.Lock()
		s.messages[fault] = message
		s.mu.Unlock()
	}
	return fault
}

// watcher is called by govmomi when objects come, change and go.
type watcher struct {
	mo.ManagedEntity
	sim *sim
}

// Reference names the watcher; it is no object of the API.
func (w *watcher) Reference() types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: "SimWatcher", Value: "watcher"}
}

// PutObject completes new machines.
func (w *watcher) PutObject(_ *simulator.Context, object mo.Reference) {
	if vm, ok := object.(*simulator.VirtualMachine); ok {
		fillEnums(vm)
	}
}

// UpdateObject follows power states, and puts sentences on failed tasks.
func (w *watcher) UpdateObject(ctx *simulator.Context, object mo.Reference, changes []types.PropertyChange) {
	switch o := object.(type) {
	case *mo.VirtualMachine:
		vm, ok := ctx.Map.Get(o.Self).(*simulator.VirtualMachine)
		if !ok {
			return
		}
		fillEnums(vm)
		for _, change := range changes {
			if change.Name == "runtime.powerState" {
				w.sim.machine(vm).powered(ctx, vm)
			}
		}
	case *mo.Task:
		if o.Info.Error != nil && strings.HasPrefix(o.Info.Error.LocalizedMessage, "*types.") {
			o.Info.Error.LocalizedMessage = w.sim.sentence(o.Info.Error.Fault)
		}
	}
}

// RemoveObject takes what is gone out of the sessions that saw it.
func (w *watcher) RemoveObject(ctx *simulator.Context, ref types.ManagedObjectReference) {
	w.sim.mu.Lock()
	registries := w.sim.views[ref]
	delete(w.sim.views, ref)
	delete(w.sim.machines, ref)
	w.sim.mu.Unlock()
	for _, registry := range registries {
		registry.Remove(ctx, ref)
	}
}

// sentence is the message of a fault: ours, or its type's name.
func (s *sim) sentence(fault types.BaseMethodFault) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if message, ok := s.messages[fault]; ok {
		delete(s.messages, fault)
		return message
	}
	return reflect.TypeOf(fault).Elem().Name()
}

// fillEnums: pyvmomi cannot read an empty enum, and govmomi sends some.
func fillEnums(vm *simulator.VirtualMachine) {
	for _, runtime := range []*types.VirtualMachineRuntimeInfo{&vm.Runtime, &vm.Summary.Runtime} {
		runtime.FaultToleranceState = types.VirtualMachineFaultToleranceStateNotConfigured
		runtime.RecordReplayState = types.VirtualMachineRecordReplayStateInactive
	}
}
