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
	"os"
	"path"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// first keys of devices, as vSphere gives them
const (
	controllerKey = 1000
	diskKey       = 2000
	nicKey        = 4000
	tpmKey        = 11000
)

// create registers a machine; its disks have no content yet.
func (b *builder) create(spec machineSpec) (*machine, error) {
	config, err := b.configSpec(spec)
	if err != nil {
		return nil, err
	}
	folder := b.vmFolder[spec.Folder]
	if folder == nil || b.pools[spec.Cluster] == nil {
		return nil, fmt.Errorf("folder %q or cluster %q is unknown", spec.Folder, spec.Cluster)
	}
	task, err := folder.CreateVM(b.ctx, *config, b.pools[spec.Cluster], nil)
	if err != nil {
		return nil, err
	}
	info, err := task.WaitForResult(b.ctx, nil)
	if err != nil {
		return nil, err
	}
	ctx := b.context()
	vm := ctx.Map.Get(info.Result.(types.ManagedObjectReference)).(*simulator.VirtualMachine)
	m := b.machine(vm)
	m.spec = spec
	ctx.WithLock(vm, func() { m.dress(ctx, vm) })
	return m, nil
}

func (b *builder) configSpec(spec machineSpec) (*types.VirtualMachineConfigSpec, error) {
	directory := spec.Directory
	if directory == "" {
		directory = spec.Name
	}
	file := func(datastore, name string) string {
		if datastore == "" {
			datastore = spec.Datastore
		}
		return fmt.Sprintf("[%s] %s/%s", datastore, directory, name)
	}
	config := &types.VirtualMachineConfigSpec{
		// govmomi cannot create a machine with disks and a slash: dress renames
		Name:       strings.ReplaceAll(spec.Name, "/", "_"),
		GuestId:    spec.GuestID,
		NumCPUs:    spec.CPUs,
		MemoryMB:   spec.MemoryMB,
		Firmware:   spec.Firmware,
		Version:    "vmx-19",
		Annotation: spec.Note,
		Files:      &types.VirtualMachineFileInfo{VmPathName: file("", directory+".vmx")},
	}
	if spec.SecureBoot {
		config.BootOptions = &types.VirtualMachineBootOptions{EfiSecureBootEnabled: types.NewBool(true)}
	}
	devices, err := b.devices(spec, func(i int, datastore string) string {
		if i == 0 {
			return file(datastore, directory+".vmdk")
		}
		return file(datastore, fmt.Sprintf("%s_%d.vmdk", directory, i))
	})
	if err != nil {
		return nil, err
	}
	config.DeviceChange, err = devices.ConfigSpec(types.VirtualDeviceConfigSpecOperationAdd)
	// ConfigSpec replaces keys: give back those that vSphere would have
	for i, change := range config.DeviceChange {
		change.GetVirtualDeviceConfigSpec().Device = devices[i]
	}
	return config, err
}

func (b *builder) devices(spec machineSpec, fileName func(i int, datastore string) string) (object.VirtualDeviceList, error) {
	var devices object.VirtualDeviceList
	kind := spec.Controller
	if kind == "" {
		kind = "pvscsi"
	}
	controller, err := devices.CreateSCSIController(kind)
	if err != nil {
		return nil, err
	}
	controller.GetVirtualDevice().Key = controllerKey
	devices = append(devices, controller)
	for i, d := range spec.Disks {
		size, err := b.size(d)
		if err != nil {
			return nil, err
		}
		disk := &types.VirtualDisk{CapacityInBytes: size, CapacityInKB: size >> 10}
		disk.Key = diskKey + int32(i)
		disk.ControllerKey = controllerKey
		disk.UnitNumber = types.NewInt32(int32(i))
		disk.Backing = backingOf(d, fileName(i, d.Datastore))
		devices = append(devices, disk)
	}
	for i, n := range spec.NICs {
		network := b.networks[n.Network]
		if network == nil {
			return nil, fmt.Errorf("no network %q", n.Network)
		}
		backing, err := network.EthernetCardBackingInfo(b.ctx)
		if err != nil {
			return nil, err
		}
		kind := n.Type
		if kind == "" {
			kind = "vmxnet3"
		}
		device, err := devices.CreateEthernetCard(kind, backing)
		if err != nil {
			return nil, err
		}
		card := device.(types.BaseVirtualEthernetCard).GetVirtualEthernetCard()
		card.Key = nicKey + int32(i)
		card.UnitNumber = types.NewInt32(7 + int32(i))
		card.MacAddress, card.AddressType = n.MAC, string(types.VirtualEthernetCardMacTypeAssigned)
		card.Connectable = &types.VirtualDeviceConnectInfo{
			StartConnected: !n.Off, Connected: !n.Off, AllowGuestControl: true,
		}
		devices = append(devices, device)
	}
	if spec.VTPM {
		devices = append(devices, &types.VirtualTPM{VirtualDevice: types.VirtualDevice{Key: tpmKey}})
	}
	return devices, nil
}

// size is the disk's in bytes: its own or its image's.
func (s *sim) size(d diskSpec) (int64, error) {
	if d.Image == "" {
		return d.Size, nil
	}
	stat, err := os.Stat(path.Join(s.conf.Images, d.Image))
	if err != nil {
		return 0, err
	}
	return max(d.Size, stat.Size()), nil
}

func backingOf(d diskSpec, name string) types.BaseVirtualDeviceBackingInfo {
	mode := d.Mode
	if mode == "" {
		mode = string(types.VirtualDiskModePersistent)
	}
	info := types.VirtualDeviceFileBackingInfo{FileName: name}
	if d.RDM != "" {
		return &types.VirtualDiskRawDiskMappingVer1BackingInfo{
			VirtualDeviceFileBackingInfo: info,
			CompatibilityMode:            d.RDM,
			DiskMode:                     string(types.VirtualDiskModeIndependent_persistent),
			DeviceName:                   "vml.0200000000600140500000000000000000000000014c494f2d4f52",
			LunUuid:                      "0200000000600140500000000000000000000000014c494f2d4f52",
		}
	}
	return &types.VirtualDiskFlatVer2BackingInfo{
		VirtualDeviceFileBackingInfo: info,
		DiskMode:                     mode,
		ThinProvisioned:              types.NewBool(!d.Thick),
		Sharing:                      d.Sharing,
	}
}

// dress adds what CreateVM cannot say, and notes how the disks began.
func (m *machine) dress(ctx *simulator.Context, vm *simulator.VirtualMachine) {
	changes := []types.PropertyChange{
		{Name: "config.guestFullName", Val: m.spec.Guest},
		{Name: "summary.config.guestFullName", Val: m.spec.Guest},
	}
	if strings.Contains(m.spec.Name, "/") {
		name := strings.ReplaceAll(m.spec.Name, "/", "%2f") // as vSphere shows it
		for _, field := range []string{"name", "config.name", "summary.config.name"} {
			changes = append(changes, types.PropertyChange{Name: field, Val: name})
		}
	}
	if m.spec.Encrypted {
		changes = append(changes, types.PropertyChange{Name: "config.keyId", Val: types.CryptoKeyId{
			KeyId: "lab-key-1", ProviderId: &types.KeyProviderId{Id: "lab-key-provider"},
		}})
	}
	ctx.Update(vm, changes)
	m.tools = m.spec.Tools
	m.setGuest(ctx, vm, false)
	m.stun.Lock()
	defer m.stun.Unlock()
	m.pristine = map[int32]pristineDisk{}
	i := 0
	for _, d := range virtualDisks(vm.Config.Hardware.Device) {
		if backing := flat(d); backing != nil && i < len(m.spec.Disks) {
			m.pristine[d.Key] = pristineDisk{*d, *backing, m.spec.Disks[i]}
		}
		i++
	}
	m.refreshLocked(vm)
}
