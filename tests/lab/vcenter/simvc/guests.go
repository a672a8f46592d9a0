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
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// Who may log in to the guests; guests/tree.py sets the password.
const guestUser, guestPassword = "root", "lab"

// guest is what guest operations see of a machine: files that were brought
// in, and the processes. Only a process touches the disks.
type guest struct {
	mu        sync.Mutex
	files     map[string][]byte
	processes map[int64]*types.GuestProcessInfo
}

// guests are the three managers of guest operations, in govmomi's place.
type guests struct {
	sim *sim

	mu     sync.Mutex
	of     map[types.ManagedObjectReference]*guest
	tokens map[string]transfer
	last   int64
}

type transfer struct {
	guest *guest
	path  string
}

type guestAuthManager struct {
	mo.GuestAuthManager
	*guests
}

type guestFileManager struct {
	mo.GuestFileManager
	*guests
}

type guestProcessManager struct {
	mo.GuestProcessManager
	*guests
}

// addGuests replaces govmomi's managers, which want containers.
func (s *sim) addGuests(manager types.ManagedObjectReference) {
	g := &guests{
		sim: s, last: 4000,
		of:     map[types.ManagedObjectReference]*guest{},
		tokens: map[string]transfer{},
	}
	s.guests = g
	auth, file, process := &guestAuthManager{guests: g}, &guestFileManager{guests: g}, &guestProcessManager{guests: g}
	auth.Self = types.ManagedObjectReference{Type: "GuestAuthManager", Value: "simGuestAuthManager"}
	file.Self = types.ManagedObjectReference{Type: "GuestFileManager", Value: "simGuestFileManager"}
	process.Self = types.ManagedObjectReference{Type: "GuestProcessManager", Value: "simGuestProcessManager"}
	operations := s.registry().Get(manager).(*simulator.GuestOperationsManager)
	operations.AuthManager, operations.FileManager, operations.ProcessManager = &auth.Self, &file.Self, &process.Self
	for _, object := range []mo.Reference{auth, file, process} {
		s.registry().Put(object)
	}
}

// enter finds a guest that runs, has tools and lets the user in.
func (g *guests) enter(ctx *simulator.Context, ref types.ManagedObjectReference, auth types.BaseGuestAuthentication) (*machine, *guest, types.BaseMethodFault) {
	vm, ok := ctx.Map.Get(ref).(*simulator.VirtualMachine)
	if !ok {
		return nil, nil, &types.ManagedObjectNotFound{Obj: ref}
	}
	m := g.sim.machine(vm)
	m.stun.Lock()
	up := m.running && m.tools == "running"
	m.stun.Unlock()
	if !up {
		return nil, nil, new(types.GuestOperationsUnavailable)
	}
	who, ok := auth.(*types.NamePasswordAuthentication)
	if !ok || who.Username != guestUser || who.Password != guestPassword {
		return nil, nil, new(types.InvalidGuestLogin)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	one := g.of[ref]
	if one == nil {
		one = &guest{files: map[string][]byte{}, processes: map[int64]*types.GuestProcessInfo{}}
		g.of[ref] = one
	}
	return m, one, nil
}

// url hands out the address of one file, as vCenter does.
func (g *guests) url(one *guest, name string) string {
	token := rand.Text()
	g.mu.Lock()
	g.tokens[token] = transfer{one, name}
	g.mu.Unlock()
	_, port, _ := strings.Cut(g.sim.conf.Listen, ":")
	return fmt.Sprintf("https://*:%s/simguest?token=%s", port, token)
}

// serve takes or gives the file that a token is for, once.
func (g *guests) serve(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("token")
	g.mu.Lock()
	job, ok := g.tokens[token]
	delete(g.tokens, token)
	g.mu.Unlock()
	if !ok {
		http.Error(w, "no such transfer", http.StatusNotFound)
		return
	}
	job.guest.mu.Lock()
	defer job.guest.mu.Unlock()
	if r.Method == http.MethodGet {
		_, _ = w.Write(job.guest.files[job.path])
		return
	}
	content, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	job.guest.files[job.path] = content
}

// ValidateCredentialsInGuest says no more than that.
func (m *guestAuthManager) ValidateCredentialsInGuest(ctx *simulator.Context, req *types.ValidateCredentialsInGuest) soap.HasFault {
	body := new(methods.ValidateCredentialsInGuestBody)
	if _, _, fault := m.enter(ctx, req.Vm, req.Auth); fault != nil {
		body.Fault_ = simulator.Fault("", fault)
		return body
	}
	body.Res = new(types.ValidateCredentialsInGuestResponse)
	return body
}

// CreateTemporaryDirectoryInGuest only makes up a name.
func (m *guestFileManager) CreateTemporaryDirectoryInGuest(ctx *simulator.Context, req *types.CreateTemporaryDirectoryInGuest) soap.HasFault {
	body := new(methods.CreateTemporaryDirectoryInGuestBody)
	if _, _, fault := m.enter(ctx, req.Vm, req.Auth); fault != nil {
		body.Fault_ = simulator.Fault("", fault)
		return body
	}
	name := path.Join("/tmp", req.Prefix+rand.Text()[:8]+req.Suffix)
	body.Res = &types.CreateTemporaryDirectoryInGuestResponse{Returnval: name}
	return body
}

// DeleteDirectoryInGuest forgets the files below it.
func (m *guestFileManager) DeleteDirectoryInGuest(ctx *simulator.Context, req *types.DeleteDirectoryInGuest) soap.HasFault {
	body := new(methods.DeleteDirectoryInGuestBody)
	_, one, fault := m.enter(ctx, req.Vm, req.Auth)
	if fault != nil {
		body.Fault_ = simulator.Fault("", fault)
		return body
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	for name := range one.files {
		if strings.HasPrefix(name, req.DirectoryPath+"/") {
			delete(one.files, name)
		}
	}
	body.Res = new(types.DeleteDirectoryInGuestResponse)
	return body
}

// InitiateFileTransferToGuest gives the address to PUT a file to.
func (m *guestFileManager) InitiateFileTransferToGuest(ctx *simulator.Context, req *types.InitiateFileTransferToGuest) soap.HasFault {
	body := new(methods.InitiateFileTransferToGuestBody)
	_, one, fault := m.enter(ctx, req.Vm, req.Auth)
	if fault != nil {
		body.Fault_ = simulator.Fault("", fault)
		return body
	}
	body.Res = &types.InitiateFileTransferToGuestResponse{Returnval: m.url(one, req.GuestFilePath)}
	return body
}

// InitiateFileTransferFromGuest gives the address to GET a file from.
func (m *guestFileManager) InitiateFileTransferFromGuest(ctx *simulator.Context, req *types.InitiateFileTransferFromGuest) soap.HasFault {
	body := new(methods.InitiateFileTransferFromGuestBody)
	_, one, fault := m.enter(ctx, req.Vm, req.Auth)
	if fault != nil {
		body.Fault_ = simulator.Fault("", fault)
		return body
	}
	one.mu.Lock()
	content, ok := one.files[req.GuestFilePath]
	one.mu.Unlock()
	if !ok {
		body.Fault_ = simulator.Fault("", &types.FileNotFound{FileFault: types.FileFault{File: req.GuestFilePath}})
		return body
	}
	body.Res = &types.InitiateFileTransferFromGuestResponse{Returnval: types.FileTransferInformation{
		Attributes: new(types.GuestPosixFileAttributes),
		Size:       int64(len(content)), Url: m.url(one, req.GuestFilePath),
	}}
	return body
}
