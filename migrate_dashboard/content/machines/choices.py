# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.


"""What the machines that were chosen can be mapped to in the project."""

import dataclasses

from django.utils.functional import cached_property
from openstack_dashboard.api import cinder
from openstack_dashboard.api import neutron
from openstack_dashboard.api import nova

from migrate_dashboard import api

#: More machines than this are found in the list of all, in one go.
FEW = 20


@dataclasses.dataclass
class Choices:
    """The machines that a user chose, and what there is for them."""

    request: object
    source_id: str
    machine_ids: list

    @cached_property
    def machines(self):
        """The machines, in the order in which they were chosen."""
        if len(self.machine_ids) <= FEW:
            return [
                api.call(self.request, 'get_machine', one, self.source_id)
                for one in self.machine_ids
            ]
        everything = api.call(self.request, 'machines', self.source_id)
        known = {one.id: one for one in everything}
        return [known[one] for one in self.machine_ids if one in known]

    @cached_property
    def networks(self):
        """``{key: (name, machines)}`` of the networks that are in use."""
        return self._used(
            'source_networks',
            lambda one: (nic['network'] for nic in one.nics or ()),
        )

    @cached_property
    def datastores(self):
        """``{key: (name, machines)}`` of the datastores that are in use."""
        return self._used(
            'source_datastores',
            lambda one: (disk['datastore'] for disk in one.disks or ()),
        )

    def _used(self, listing, keys):
        names = {
            one.id: one.name
            for one in api.call(self.request, listing, self.source_id)
        }
        users = {}
        for machine in self.machines:
            for key in filter(None, dict.fromkeys(keys(machine))):
                users.setdefault(key, []).append(machine.name)
        return {key: (names.get(key, key), who) for key, who in users.items()}

    @cached_property
    def targets(self):
        """``[(id, name)]`` of the networks of the project."""
        project = self.request.user.project_id
        networks = neutron.network_list_for_tenant(self.request, project)
        return [(one.id, one.name_or_id) for one in networks]

    @cached_property
    def volume_types(self):
        """``[(name, name)]`` of the volume types."""
        types = cinder.volume_type_list(self.request)
        return [(one.name, one.name) for one in types]

    @cached_property
    def flavors(self):
        """``[(id, text)]`` of the flavors, the smallest first."""
        flavors = sorted(
            nova.flavor_list(self.request),
            key=lambda one: (one.vcpus, one.ram),
        )
        return [
            (one.id, f'{one.name}: {one.vcpus} vCPU, {one.ram} MiB')
            for one in flavors
        ]
