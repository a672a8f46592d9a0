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
	"encoding/json"
	"fmt"
	"os"
)

// inventory is what inventory.json says; networks, datastores, clusters and
// folders are named by the machines.
type inventory struct {
	Datacenter string            `json:"datacenter"`
	Clusters   map[string]int    `json:"clusters"`   // name: number of hosts
	Datastores map[string]string `json:"datastores"` // name: VMFS or NFS
	Networks   []networkSpec     `json:"networks"`
	Folders    []string          `json:"folders"` // paths below the vm folder
	Tags       map[string]string `json:"tags"`    // tag: category
	Machines   []machineSpec     `json:"machines"`
}

type networkSpec struct {
	Name string `json:"name"`
	VLAN int32  `json:"vlan"` // a distributed port group if not 0
}

type machineSpec struct {
	Name       string     `json:"name"`
	Directory  string     `json:"directory"` // on the datastore; the name if empty
	Folder     string     `json:"folder"`
	Cluster    string     `json:"cluster"`
	Datastore  string     `json:"datastore"`
	GuestID    string     `json:"guest_id"`
	Guest      string     `json:"guest"` // full name
	Family     string     `json:"family"`
	Hostname   string     `json:"hostname"`
	Firmware   string     `json:"firmware"`
	SecureBoot bool       `json:"secure_boot"`
	VTPM       bool       `json:"vtpm"`
	Encrypted  bool       `json:"encrypted"`
	CPUs       int32      `json:"cpus"`
	MemoryMB   int64      `json:"memory_mb"`
	Power      string     `json:"power"` // on, off, suspended
	Tools      string     `json:"tools"` // running, stopped, none
	Template   bool       `json:"template"`
	Note       string     `json:"note"`
	Controller string     `json:"controller"`
	Tags       []string   `json:"tags"`
	Snapshots  []string   `json:"snapshots"`
	Disks      []diskSpec `json:"disks"`
	NICs       []nicSpec  `json:"nics"`
}

type diskSpec struct {
	Size      int64    `json:"size"`  // bytes; of the image if 0
	Image     string   `json:"image"` // a file of the cache
	Seed      int64    `json:"seed"`  // of the random content, without an image
	Mode      string   `json:"mode"`  // persistent if empty
	RDM       string   `json:"rdm"`   // physicalMode or virtualMode
	Datastore string   `json:"datastore"`
	Sharing   string   `json:"sharing"`
	Thick     bool     `json:"thick"`
	Scratch   [2]int64 `json:"scratch"` // offset, length: free for the writer
}

type nicSpec struct {
	Network   string   `json:"network"`
	MAC       string   `json:"mac"`
	Type      string   `json:"type"` // vmxnet3 if empty
	Addresses []string `json:"addresses"`
	Off       bool     `json:"off"` // not connected
}

func readInventory(name string) (*inventory, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	result := new(inventory)
	if err := decoder.Decode(result); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return result, nil
}

// numbered is a machine without disk files, to test with many.
func (i *inventory) numbered(n int) machineSpec {
	spec := machineSpec{
		Name:     fmt.Sprintf("bulk-%05d", n),
		Folder:   "bulk",
		GuestID:  "debian12_64Guest",
		Guest:    "Debian GNU/Linux 12 (64-bit)",
		Family:   "linuxGuest",
		CPUs:     2,
		MemoryMB: 2048,
		Power:    []string{"on", "off"}[n%2],
		Tools:    "running",
		NICs:     []nicSpec{{Network: i.Networks[0].Name}},
		Disks:    []diskSpec{{Size: 10 << 30}},
	}
	for name := range i.Clusters {
		spec.Cluster = max(spec.Cluster, name)
	}
	for name := range i.Datastores {
		spec.Datastore = max(spec.Datastore, name)
	}
	return spec
}
