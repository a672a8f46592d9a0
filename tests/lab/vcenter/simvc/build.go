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
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// builder makes the inventory through govmomi's own client, as an
// administrator would, in an order that gives every object the same
// reference at each start.
type builder struct {
	*sim
	ctx      context.Context
	folders  *object.DatacenterFolders
	vmFolder map[string]*object.Folder // by path
	pools    map[string]*object.ResourcePool
	hosts    []*object.HostSystem
	networks map[string]object.NetworkReference
}

func (s *sim) build() error {
	b := &builder{
		sim:      s,
		ctx:      context.Background(),
		vmFolder: map[string]*object.Folder{},
		pools:    map[string]*object.ResourcePool{},
		networks: map[string]object.NetworkReference{},
	}
	datacenter, err := object.NewRootFolder(s.client).CreateDatacenter(b.ctx, s.inventory.Datacenter)
	if err != nil {
		return err
	}
	if b.folders, err = datacenter.Folders(b.ctx); err != nil {
		return err
	}
	for _, step := range []func() error{b.buildClusters, b.buildDatastores, b.buildNetworks, b.buildFolders, b.buildMachines} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) buildClusters() error {
	for _, name := range slices.Sorted(maps.Keys(b.inventory.Clusters)) {
		cluster, err := b.folders.HostFolder.CreateCluster(b.ctx, name, types.ClusterConfigSpecEx{})
		if err != nil {
			return err
		}
		for i := range b.inventory.Clusters[name] {
			spec := types.HostConnectSpec{HostName: fmt.Sprintf("esx%d.%s.lab", i+1, name)}
			task, err := cluster.AddHost(b.ctx, spec, true, nil, nil)
			if err != nil {
				return err
			}
			info, err := task.WaitForResult(b.ctx, nil)
			if err != nil {
				return err
			}
			b.hosts = append(b.hosts, object.NewHostSystem(b.client, info.Result.(types.ManagedObjectReference)))
		}
		if b.pools[name], err = cluster.ResourcePool(b.ctx); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) buildDatastores() error {
	for _, name := range slices.Sorted(maps.Keys(b.inventory.Datastores)) {
		folder := path.Join(b.conf.Datastores, name)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		for _, host := range b.hosts {
			system, err := host.ConfigManager().DatastoreSystem(b.ctx)
			if err != nil {
				return err
			}
			if _, err := system.CreateLocalDatastore(b.ctx, name, folder); err != nil {
				return err
			}
		}
		b.dressDatastore(*b.datastoreRef(name), b.inventory.Datastores[name])
	}
	return nil
}

// dressDatastore makes a local folder look like a shared datastore.
func (b *builder) dressDatastore(ref types.ManagedObjectReference, kind string) {
	ctx := b.context()
	datastore := ctx.Map.Get(ref).(*simulator.Datastore)
	base := *datastore.Info.GetDatastoreInfo()
	ctx.WithLock(datastore, func() {
		datastore.Summary.Type = kind
		datastore.Summary.MultipleHostAccess = types.NewBool(true)
		if kind == "NFS" {
			datastore.Info = &types.NasDatastoreInfo{DatastoreInfo: base}
		} else {
			datastore.Info = &types.VmfsDatastoreInfo{DatastoreInfo: base}
		}
	})
}

func (b *builder) buildNetworks() error {
	spec := types.DVSCreateSpec{ConfigSpec: &types.VMwareDVSConfigSpec{}}
	spec.ConfigSpec.GetDVSConfigSpec().Name = "dvs-lab"
	task, err := b.folders.NetworkFolder.CreateDVS(b.ctx, spec)
	if err != nil {
		return err
	}
	info, err := task.WaitForResult(b.ctx, nil)
	if err != nil {
		return err
	}
	dvs := object.NewDistributedVirtualSwitch(b.client, info.Result.(types.ManagedObjectReference))
	members := &types.DVSConfigSpec{}
	for _, host := range b.hosts {
		members.Host = append(members.Host, types.DistributedVirtualSwitchHostMemberConfigSpec{
			Operation: string(types.ConfigSpecOperationAdd), Host: host.Reference(),
		})
	}
	if task, err = dvs.Reconfigure(b.ctx, members); err != nil {
		return err
	}
	if err := task.Wait(b.ctx); err != nil {
		return err
	}
	for _, network := range b.inventory.Networks {
		if network.VLAN == 0 {
			b.networks[network.Name] = b.standardNetwork(network.Name)
			continue
		}
		if b.networks[network.Name], err = b.portGroup(dvs, network); err != nil {
			return err
		}
	}
	return nil
}

// standardNetwork is the one that govmomi gives each host.
func (b *builder) standardNetwork(name string) object.NetworkReference {
	for _, entity := range b.registry().All("Network") {
		if entity.Entity().Name == name {
			return object.NewNetwork(b.client, entity.Reference())
		}
	}
	return nil
}

func (b *builder) portGroup(dvs *object.DistributedVirtualSwitch, network networkSpec) (object.NetworkReference, error) {
	task, err := dvs.AddPortgroup(b.ctx, []types.DVPortgroupConfigSpec{{
		Name:     network.Name,
		Type:     string(types.DistributedVirtualPortgroupPortgroupTypeEarlyBinding),
		NumPorts: 32,
		DefaultPortConfig: &types.VMwareDVSPortSetting{
			Vlan: &types.VmwareDistributedVirtualSwitchVlanIdSpec{VlanId: network.VLAN},
		},
	}})
	if err != nil {
		return nil, err
	}
	if err := task.Wait(b.ctx); err != nil {
		return nil, err
	}
	for _, entity := range b.registry().All("DistributedVirtualPortgroup") {
		if entity.Entity().Name == network.Name {
			return object.NewDistributedVirtualPortgroup(b.client, entity.Reference()), nil
		}
	}
	return nil, fmt.Errorf("no port group %s", network.Name)
}

func (b *builder) buildFolders() error {
	b.vmFolder[""] = b.folders.VmFolder
	for _, name := range b.inventory.Folders {
		parent, base := "", name
		if i := strings.LastIndex(name, "/"); i >= 0 {
			parent, base = name[:i], name[i+1:]
		}
		folder, err := b.vmFolder[parent].CreateFolder(b.ctx, base)
		if err != nil {
			return fmt.Errorf("folder %s: %w", name, err)
		}
		b.vmFolder[name] = folder
	}
	return nil
}

func (b *builder) buildMachines() error {
	for _, spec := range b.inventory.Machines {
		m, err := b.create(spec)
		if err == nil {
			err = m.restore()
		}
		if err != nil {
			return fmt.Errorf("machine %s: %w", spec.Name, err)
		}
	}
	return b.buildBulk()
}

// buildBulk makes the machines without content, some at a time: most of it
// is waiting for tasks. Their references are not the same at each start.
func (b *builder) buildBulk() error {
	const workers = 16
	failures := make(chan error, workers)
	for first := range workers {
		go func() {
			for n := first; n < b.conf.Machines; n += workers {
				m, err := b.create(b.inventory.numbered(n))
				if err == nil && m.spec.Power == "on" {
					err = m.setPower(true)
				}
				if err != nil {
					failures <- err
					return
				}
			}
			failures <- nil
		}()
	}
	var result error
	for range workers {
		if err := <-failures; err != nil {
			result = err
		}
	}
	return result
}
