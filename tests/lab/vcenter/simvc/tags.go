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
	"maps"
	"net/url"
	"slices"

	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/tags"
)

// attachTags makes the inventory's tags through the REST API, which serves
// only over HTTP.
func (s *sim) attachTags(ctx context.Context) error {
	client := rest.NewClient(s.client)
	if err := client.Login(ctx, url.UserPassword(s.conf.User, s.conf.Password)); err != nil {
		return err
	}
	defer func() { _ = client.Logout(ctx) }()
	manager := tags.NewManager(client)
	categories, ids := map[string]string{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(s.inventory.Tags)) {
		category := s.inventory.Tags[name]
		if categories[category] == "" {
			id, err := manager.CreateCategory(ctx, &tags.Category{
				Name: category, Cardinality: "MULTIPLE", AssociableTypes: []string{"VirtualMachine"},
			})
			if err != nil {
				return err
			}
			categories[category] = id
		}
		id, err := manager.CreateTag(ctx, &tags.Tag{Name: name, CategoryID: categories[category]})
		if err != nil {
			return err
		}
		ids[name] = id
	}
	for _, m := range s.all() {
		for _, name := range m.spec.Tags {
			if err := manager.AttachTag(ctx, ids[name], m.ref); err != nil {
				return err
			}
		}
	}
	return nil
}
