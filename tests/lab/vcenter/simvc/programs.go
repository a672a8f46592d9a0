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
	"bytes"
	"encoding/json"
	"log"
	"os/exec"
	"path"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// program is what guests/program.py is asked.
type program struct {
	Disks   []string          `json:"disks"`
	Files   map[string][]byte `json:"files"` // base64 in JSON
	Folder  string            `json:"folder"`
	Command string            `json:"command"`
	Cards   [][2]string       `json:"cards"`
}

type programEnd struct {
	Exit  int32             `json:"exit"`
	Files map[string][]byte `json:"files"`
}

// StartProgramInGuest has the program run on the machine's own disks, in
// libguestfs's appliance; the process ends with that.
func (m *guestProcessManager) StartProgramInGuest(ctx *simulator.Context, req *types.StartProgramInGuest) soap.HasFault {
	body := new(methods.StartProgramInGuestBody)
	vm, one, fault := m.enter(ctx, req.Vm, req.Auth)
	if fault != nil {
		body.Fault_ = simulator.Fault("", fault)
		return body
	}
	spec := req.Spec.GetGuestProgramSpec()
	m.mu.Lock()
	m.last++
	pid := m.last
	m.mu.Unlock()
	one.mu.Lock()
	one.processes[pid] = &types.GuestProcessInfo{
		Name: path.Base(spec.ProgramPath), Pid: pid, Owner: guestUser,
		CmdLine: spec.ProgramPath + " " + spec.Arguments, StartTime: time.Now(),
	}
	one.mu.Unlock()
	go m.carryOut(vm, one, pid)
	body.Res = &types.StartProgramInGuestResponse{Returnval: pid}
	return body
}

// ListProcessesInGuest knows those that were started here.
func (m *guestProcessManager) ListProcessesInGuest(ctx *simulator.Context, req *types.ListProcessesInGuest) soap.HasFault {
	body := new(methods.ListProcessesInGuestBody)
	_, one, fault := m.enter(ctx, req.Vm, req.Auth)
	if fault != nil {
		body.Fault_ = simulator.Fault("", fault)
		return body
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	body.Res = new(types.ListProcessesInGuestResponse)
	for _, pid := range req.Pids {
		if found := one.processes[pid]; found != nil {
			body.Res.Returnval = append(body.Res.Returnval, *found)
		}
	}
	return body
}

// carryOut runs the program and notes how it ended; 127 if it could not run.
func (g *guests) carryOut(m *machine, one *guest, pid int64) {
	one.mu.Lock()
	ask := program{Files: map[string][]byte{}, Command: one.processes[pid].CmdLine}
	for name, content := range one.files {
		ask.Files[name] = content
		ask.Folder = path.Dir(name)
	}
	one.mu.Unlock()
	m.stun.Lock()
	for _, d := range m.disks {
		ask.Disks = append(ask.Disks, d.file)
	}
	m.stun.Unlock()
	for i, nic := range m.spec.NICs {
		ask.Cards = append(ask.Cards, [2]string{slotName(i), nic.MAC})
	}
	end, err := g.sim.conf.run(ask)
	if err != nil {
		log.Printf("a program in %s: %s", m.spec.Name, err)
		end = programEnd{Exit: 127}
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	for name, content := range end.Files {
		one.files[name] = content
	}
	now := time.Now()
	one.processes[pid].EndTime, one.processes[pid].ExitCode = &now, end.Exit
}

// slotName is what Linux calls the i-th card of VMware's hardware.
func slotName(i int) string {
	return []string{"ens192", "ens224", "ens256", "ens161"}[i%4]
}

func (c config) run(ask program) (programEnd, error) {
	var end programEnd
	text, err := json.Marshal(ask)
	if err != nil {
		return end, err
	}
	var said strings.Builder
	command := exec.Command("/usr/bin/python3", c.GuestProgram)
	command.Stdin, command.Stderr = bytes.NewReader(text), &said
	out, err := command.Output()
	if err != nil {
		log.Printf("%s: %s", c.GuestProgram, said.String())
		return end, err
	}
	return end, json.Unmarshal(out, &end)
}
