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
	"os"
	"path"
	"reflect"
	"sync"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// lease exports a machine: streamOptimized on the wire, and it dies when its
// client shows no progress.
type lease struct {
	mo.HttpNfcLease
	sim   *sim
	files map[string]string // name in the URL: file
	mu    sync.Mutex
	timer *time.Timer
	limit time.Duration
}

// ExportVm is absent in govmomi's simulator.
func (vm *vmView) ExportVm(ctx *simulator.Context, _ *types.ExportVm) soap.HasFault {
	body := new(methods.ExportVmBody)
	off := types.VirtualMachinePowerStatePoweredOff
	if state := vm.Runtime.PowerState; state != off {
		body.Fault_ = simulator.Fault("The attempted operation cannot be performed in the current state.",
			&types.InvalidPowerState{ExistingState: state, RequestedState: off})
		return body
	}
	s := vm.machine.sim
	l := &lease{sim: s, files: map[string]string{}, limit: 300 * time.Second}
	if n := s.knobs.get().LeaseTimeout; n > 0 {
		l.limit = time.Duration(n) * time.Second
	}
	l.Self = types.ManagedObjectReference{
		Type:  "HttpNfcLease",
		Value: fmt.Sprintf("session[%s]%d", vm.Self.Value, time.Now().UnixNano()),
	}
	l.Info = &types.HttpNfcLeaseInfo{
		Lease:        l.Self,
		Entity:       vm.Self,
		DeviceUrl:    vm.exportURLs(l),
		LeaseTimeout: int32(l.limit / time.Second),
	}
	l.State = types.HttpNfcLeaseStateReady
	ctx.Map.Put(l)
	s.mu.Lock()
	s.leases[l.Self.Value] = l
	s.mu.Unlock()
	l.timer = time.AfterFunc(l.limit, l.expire)
	body.Res = &types.ExportVmResponse{Returnval: l.Self}
	return body
}

func (vm *vmView) exportURLs(l *lease) []types.HttpNfcLeaseDeviceUrl {
	var urls []types.HttpNfcLeaseDeviceUrl
	devices := object.VirtualDeviceList(vm.Config.Hardware.Device)
	for i, d := range virtualDisks(vm.Config.Hardware.Device) {
		backing := flat(d)
		if backing == nil {
			continue
		}
		file, err := l.sim.content(backing.FileName)
		if err != nil {
			continue
		}
		name := fmt.Sprintf("disk-%d.vmdk", i)
		l.files[name] = file
		var p object.DatastorePath
		p.FromString(backing.FileName)
		urls = append(urls, types.HttpNfcLeaseDeviceUrl{
			Key:      fmt.Sprintf("/%s/%s", vm.Self.Value, unitName(devices, d)),
			Url:      "https://*/simnfc/" + l.Self.Value + "/" + name,
			TargetId: path.Base(p.Path),
			Disk:     types.NewBool(true),
		})
	}
	return urls
}

// unitName names a disk as vCenter does: ParaVirtualSCSIController0:1.
func unitName(devices object.VirtualDeviceList, d *types.VirtualDisk) string {
	controller := devices.FindByKey(d.ControllerKey)
	kind := reflect.Indirect(reflect.ValueOf(controller)).Type().Name()
	bus := controller.(types.BaseVirtualController).GetVirtualController().BusNumber
	unit := int32(0)
	if d.UnitNumber != nil {
		unit = *d.UnitNumber
	}
	return fmt.Sprintf("%s%d:%d", kind, bus, unit)
}

// HttpNfcLeaseProgress keeps the lease alive.
func (l *lease) HttpNfcLeaseProgress(_ *simulator.Context, req *types.HttpNfcLeaseProgress) soap.HasFault {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timer.Reset(l.limit)
	l.TransferProgress = req.Percent
	return &methods.HttpNfcLeaseProgressBody{Res: new(types.HttpNfcLeaseProgressResponse)}
}

func (l *lease) end(ctx *simulator.Context) {
	l.timer.Stop()
	l.sim.mu.Lock()
	delete(l.sim.leases, l.Self.Value)
	l.sim.mu.Unlock()
	ctx.Map.Remove(ctx, l.Self)
}

func (l *lease) expire() {
	l.sim.mu.Lock()
	delete(l.sim.leases, l.Self.Value)
	l.sim.mu.Unlock()
	ctx := l.sim.context()
	ctx.Map.AtomicUpdate(ctx, l, []types.PropertyChange{{Name: "state", Val: types.HttpNfcLeaseStateError}})
}

// HttpNfcLeaseComplete ends the lease.
func (l *lease) HttpNfcLeaseComplete(ctx *simulator.Context, _ *types.HttpNfcLeaseComplete) soap.HasFault {
	l.end(ctx)
	return &methods.HttpNfcLeaseCompleteBody{Res: new(types.HttpNfcLeaseCompleteResponse)}
}

// HttpNfcLeaseAbort ends the lease.
func (l *lease) HttpNfcLeaseAbort(ctx *simulator.Context, _ *types.HttpNfcLeaseAbort) soap.HasFault {
	l.end(ctx)
	return &methods.HttpNfcLeaseAbortBody{Res: new(types.HttpNfcLeaseAbortResponse)}
}

// serveLease sends one disk of a lease. Real ones know no ranges.
func (s *sim) serveLease(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	l := s.leases[r.PathValue("lease")]
	s.mu.Unlock()
	if l == nil || l.files[r.PathValue("disk")] == "" {
		http.NotFound(w, r)
		return
	}
	disk, err := os.Open(l.files[r.PathValue("disk")])
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer disk.Close()
	w.Header().Set("Content-Type", "application/x-vnd.vmware-streamVmdk")
	label := l.Self.Value + "/" + r.PathValue("disk")
	s.stats.request(label, false)
	if err := writeStream(s.download(w, label), disk); err != nil {
		// no good end: the client must notice that something is missing
		panic(http.ErrAbortHandler)
	}
}
