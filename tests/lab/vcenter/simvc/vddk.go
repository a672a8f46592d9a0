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
	"net/http"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// locate answers GET /sim/vddk?vm=&snapshot=&path=: the stand-in for VDDK's
// library asks on opening a disk how large it is and which file holds it.
func (s *sim) locate(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	registry := s.registry()
	vm, ok := registry.Get(types.ManagedObjectReference{Type: "VirtualMachine", Value: query.Get("vm")}).(*simulator.VirtualMachine)
	if !ok {
		http.Error(w, "vm not found", http.StatusNotFound)
		return
	}
	devices := vm.Config.Hardware.Device
	if ref := query.Get("snapshot"); ref != "" {
		snapshot, ok := registry.Get(types.ManagedObjectReference{Type: "VirtualMachineSnapshot", Value: ref}).(*simulator.VirtualMachineSnapshot)
		if !ok || snapshot.Vm != vm.Self {
			http.Error(w, "snapshot not found", http.StatusNotFound)
			return
		}
		devices = snapshot.Config.Hardware.Device
	} else if vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
		http.Error(w, "Failed to lock the file", http.StatusLocked)
		return
	}
	for _, d := range virtualDisks(devices) {
		for b := flat(d); b != nil; b = b.Parent {
			if file, err := s.content(b.FileName); err == nil && b.FileName == query.Get("path") {
				fmt.Fprintf(w, "%d\n%s\n", d.CapacityInBytes, file)
				return
			}
		}
	}
	http.Error(w, "The file specified is not a virtual disk", http.StatusNotFound)
}
