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
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// routes are the simulator's own, below /sim, and those put before govmomi's.
func (s *sim) routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /sdk", s.sdk)
	mux.HandleFunc("GET /folder/", s.authenticated(s.folder))
	for _, method := range []string{"PUT", "POST", "DELETE"} { // govmomi's would write
		mux.HandleFunc(method+" /folder/", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "read only", http.StatusMethodNotAllowed)
		})
	}
	mux.HandleFunc("GET /simnfc/{lease}/{disk}", s.serveLease)
	mux.HandleFunc("/simguest", s.guests.serve)
	for pattern, handler := range map[string]http.HandlerFunc{
		"GET /sim/vms":   s.listMachines,
		"GET /sim/vddk":  s.locate,
		"GET /sim/knobs": func(w http.ResponseWriter, _ *http.Request) { reply(w, s.knobs.get(), nil) },
		"POST /sim/knobs": func(w http.ResponseWriter, r *http.Request) {
			err := s.knobs.merge(r.Body)
			reply(w, s.knobs.get(), err)
		},
		"POST /sim/knobs/reset": func(w http.ResponseWriter, _ *http.Request) {
			s.knobs.reset()
			s.service.ClearFaultRules()
			reply(w, s.knobs.get(), nil)
		},
		"GET /sim/stats": func(w http.ResponseWriter, _ *http.Request) { reply(w, s.stats.view(len(s.sessions())), nil) },
		"POST /sim/stats/reset": func(w http.ResponseWriter, _ *http.Request) {
			s.stats.reset()
			reply(w, nil, nil)
		},
		"POST /sim/fault":  s.injectFault,
		"POST /sim/write":  act(s, (*machine).writePattern),
		"POST /sim/writer": act(s, func(m *machine, q writerSpec) error { return m.startWriter(q) }),
		"POST /sim/reset":  act(s, func(m *machine, _ target) error { return m.restore() }),
		"POST /sim/tools":  act(s, func(m *machine, q target) error { return m.setTools(q.Tools) }),
		"POST /sim/move":   act(s, func(m *machine, q target) error { return m.move(q.Datastore, q.ResetCBT) }),
		"POST /sim/cbt":    act(s, func(m *machine, _ target) error { return m.resetTracking() }),
		"POST /sim/extend": act(s, func(m *machine, q target) error { return m.extend(q.Disk, q.Capacity) }),
	} {
		mux.HandleFunc(pattern, s.authenticated(handler))
	}
}

// target is what most requests of tests name.
type target struct {
	VM        string `json:"vm"`
	Tools     string `json:"tools"`
	Datastore string `json:"datastore"`
	ResetCBT  bool   `json:"reset_cbt"`
	Disk      int    `json:"disk"`
	Capacity  int64  `json:"capacity"`
}

func (t target) machine() string     { return t.VM }
func (w writerSpec) machine() string { return w.VM }

type writeSpec struct {
	VM     string `json:"vm"`
	Disk   int    `json:"disk"`
	Offset int64  `json:"offset"`
	Length int64  `json:"length"`
	Seed   int64  `json:"seed"`
	Zero   bool   `json:"zero"`
}

func (w writeSpec) machine() string { return w.VM }

func (m *machine) writePattern(q writeSpec) error {
	content := make([]byte, q.Length)
	if !q.Zero {
		pattern(content, q.Seed)
	}
	return m.write(q.Disk, q.Offset, content)
}

func reply(w http.ResponseWriter, value any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusConflict)
		value = map[string]string{"error": err.Error()}
	}
	_ = json.NewEncoder(w).Encode(value)
}

// act is the handler of a request that concerns one machine.
func act[Q interface{ machine() string }](s *sim, do func(*machine, Q) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var query Q
		decoder := json.NewDecoder(r.Body)
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&query); err != nil {
			reply(w, nil, err)
			return
		}
		m := s.find(query.machine())
		if m == nil {
			http.Error(w, "no such machine", http.StatusNotFound)
			return
		}
		err := do(m, query)
		reply(w, m.view(), err)
	}
}

// find takes a name of the inventory or a managed object id.
func (s *sim) find(name string) *machine {
	name = strings.ReplaceAll(name, "%2f", "/")
	for _, m := range s.all() {
		if m.spec.Name == name || m.ref.Value == name {
			return m
		}
	}
	return nil
}

func (s *sim) listMachines(w http.ResponseWriter, _ *http.Request) {
	machines := s.all()
	slices.SortFunc(machines, func(a, b *machine) int { return strings.Compare(a.spec.Name, b.spec.Name) })
	views := make([]any, 0, len(machines))
	for _, m := range machines {
		views = append(views, m.view())
	}
	reply(w, views, nil)
}

// view is what tests assert on.
func (m *machine) view() map[string]any {
	ctx := m.sim.context()
	vm, ok := ctx.Map.Get(m.ref).(*simulator.VirtualMachine)
	if !ok {
		return nil
	}
	result := map[string]any{"name": m.spec.Name, "ref": m.ref.Value}
	ctx.WithLock(vm, func() {
		result["power_state"] = vm.Runtime.PowerState
		result["tools"] = vm.Guest.ToolsRunningStatus
		result["change_tracking"] = vm.Config.ChangeTrackingEnabled != nil && *vm.Config.ChangeTrackingEnabled
		result["consolidation_needed"] = vm.Runtime.ConsolidationNeeded
		snapshots := []map[string]string{}
		if vm.Snapshot != nil {
			snapshots = flatten(snapshots, vm.Snapshot.RootSnapshotList)
		}
		result["snapshots"] = snapshots
	})
	m.stun.Lock()
	defer m.stun.Unlock()
	disks := []map[string]any{}
	for _, d := range m.disks {
		disks = append(disks, map[string]any{
			"key": d.key, "name": d.name, "file": d.file, "capacity": d.capacity, "scratch": d.scratch,
		})
	}
	result["disks"] = disks
	result["tracking_effective"] = m.tracks != nil
	result["writer"] = m.writer.view()
	return result
}

func flatten(into []map[string]string, trees []types.VirtualMachineSnapshotTree) []map[string]string {
	for _, tree := range trees {
		into = append(into, map[string]string{"name": tree.Name, "ref": tree.Snapshot.Value, "description": tree.Description})
		into = flatten(into, tree.ChildSnapshotList)
	}
	return into
}

func (m *machine) setTools(tools string) error {
	if !slices.Contains([]string{"running", "stopped", "none"}, tools) {
		return fmt.Errorf("tools are running, stopped or none, not %q", tools)
	}
	ctx := m.sim.context()
	vm := ctx.Map.Get(m.ref).(*simulator.VirtualMachine)
	ctx.WithLock(vm, func() {
		m.tools = tools
		m.setGuest(ctx, vm, vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn)
	})
	return nil
}

// resetTracking makes all change ids handed out so far useless.
func (m *machine) resetTracking() error {
	ctx := m.sim.context()
	vm := ctx.Map.Get(m.ref).(*simulator.VirtualMachine)
	ctx.WithLock(vm, func() {
		m.stun.Lock()
		defer m.stun.Unlock()
		if m.tracks != nil {
			m.startTracking(ctx, vm)
		}
	})
	return nil
}

func (m *machine) extend(index int, capacity int64) error {
	ctx := context.Background()
	vm := object.NewVirtualMachine(m.sim.client, m.ref)
	devices, err := vm.Device(ctx)
	if err != nil {
		return err
	}
	disks := virtualDisks(devices)
	if index < 0 || index >= len(disks) {
		return fmt.Errorf("the machine has %d disks", len(disks))
	}
	disks[index].CapacityInBytes, disks[index].CapacityInKB = capacity, capacity>>10
	return vm.EditDevice(ctx, disks[index])
}

// injectFault makes calls (not tasks) fail, by govmomi's own injector.
func (s *sim) injectFault(w http.ResponseWriter, r *http.Request) {
	var query struct {
		Method, Type, Object, Fault, Message string
		Count, Skip                          int
	}
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&query)
	if kind, ok := types.TypeFunc()(query.Fault); err == nil && !ok {
		err = fmt.Errorf("no fault %q", query.Fault)
	} else if fault, ok := reflect.New(kindOr(kind)).Interface().(types.BaseMethodFault); err == nil && !ok {
		err = fmt.Errorf("%q is no fault", query.Fault)
	} else if err == nil {
		star := func(text string) string {
			if text == "" {
				return "*"
			}
			return text
		}
		s.service.AddFaultRule(&simulator.FaultInjectionRule{
			MethodName: star(query.Method), ObjectType: star(query.Type), ObjectName: star(query.Object),
			Probability: 1, FaultType: simulator.FaultTypeCustom, Fault: fault, Message: query.Message,
			MaxCount: query.Count, SkipCount: query.Skip, Enabled: true,
		})
	}
	reply(w, nil, err)
}

func kindOr(kind reflect.Type) reflect.Type {
	if kind == nil {
		return reflect.TypeFor[struct{}]()
	}
	return kind
}
