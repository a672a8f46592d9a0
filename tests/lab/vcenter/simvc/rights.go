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
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// rightsView answers questions about privileges: all are granted but those
// that a knob denies. govmomi's own grants all. HasPrivilegeOnEntity stays
// as it is: govmomi's XML cannot say false in a list.
type rightsView struct {
	*simulator.AuthorizationManager
	sim *sim
}

func (v *rightsView) granted(id string) bool {
	return !slices.Contains(v.sim.knobs.get().DeniedPrivileges, id)
}

func (v *rightsView) onEntities(entities []types.ManagedObjectReference, ids []string) []types.EntityPrivilege {
	var answer []types.EntityPrivilege
	for _, entity := range entities {
		one := types.EntityPrivilege{Entity: entity}
		for _, id := range ids {
			one.PrivAvailability = append(one.PrivAvailability,
				types.PrivilegeAvailability{PrivId: id, IsGranted: v.granted(id)})
		}
		answer = append(answer, one)
	}
	return answer
}

// HasPrivilegeOnEntities asks by session.
func (v *rightsView) HasPrivilegeOnEntities(req *types.HasPrivilegeOnEntities) soap.HasFault {
	return &methods.HasPrivilegeOnEntitiesBody{Res: &types.HasPrivilegeOnEntitiesResponse{
		Returnval: v.onEntities(req.Entity, req.PrivId),
	}}
}

// HasUserPrivilegeOnEntities asks by the account's name.
func (v *rightsView) HasUserPrivilegeOnEntities(req *types.HasUserPrivilegeOnEntities) soap.HasFault {
	return &methods.HasUserPrivilegeOnEntitiesBody{Res: &types.HasUserPrivilegeOnEntitiesResponse{
		Returnval: v.onEntities(req.Entities, req.PrivId),
	}}
}

// FetchUserPrivilegeOnEntities lists all that are granted.
func (v *rightsView) FetchUserPrivilegeOnEntities(req *types.FetchUserPrivilegeOnEntities) soap.HasFault {
	res := v.AuthorizationManager.FetchUserPrivilegeOnEntities(req)
	body := res.(*methods.FetchUserPrivilegeOnEntitiesBody)
	for i := range body.Res.Returnval {
		body.Res.Returnval[i].Privileges = slices.DeleteFunc(
			slices.Clone(body.Res.Returnval[i].Privileges),
			func(id string) bool { return !v.granted(id) })
	}
	return body
}
