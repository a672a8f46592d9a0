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


"""Names and places of the objects around the machines, read in one go."""

import re

from pyVmomi import vim

from migrate_service import inventory

_PATHS = {
    vim.Folder: ['name', 'parent'],
    vim.Datacenter: ['name', 'parent'],
    vim.ComputeResource: ['name', 'parent'],
    vim.HostSystem: ['name', 'parent'],
    vim.ResourcePool: ['name', 'parent'],
    vim.Datastore: ['name', 'parent', 'summary'],
    vim.Network: ['name', 'parent'],
    vim.dvs.DistributedVirtualPortgroup: [
        'key',
        'config.defaultPortConfig',
        'config.uplink',
        'tag',
    ],
    vim.OpaqueNetwork: ['summary'],
}


def key_of(reference):
    """Return the key of a managed object: its moref's value."""
    return reference._moId


def plain_name(name):
    """Undo vSphere's own escapes of ``/``, ``\\`` and ``%`` in names."""
    return re.sub(
        '%(2f|5c|25)',
        lambda match: chr(int(match.group(1), 16)),
        name,
        flags=re.IGNORECASE,
    )


class Tree:
    """The inventory around the machines, by key."""

    def __init__(self, session):
        self._found = {
            key_of(reference): (reference, values)
            for reference, values in session.collect(_PATHS)
        }

    def name(self, reference):
        """Return the name of an object, or None."""
        entry = self._entry(reference)
        return plain_name(entry[1]['name']) if entry else None

    def path(self, reference):
        """Return the inventory path, such as ``/DC0/vm/web``.

        The names are as vSphere keeps them (a slash is ``%2f``); the root
        folder is not part of it.
        """
        names = []
        while entry := self._entry(reference):
            reference = entry[1].get('parent')
            if reference is not None:
                names.append(entry[1]['name'])
        return '/' + '/'.join(reversed(names))

    def datacenter_path(self, reference):
        """Return the inventory path of the datacenter above an object."""
        while entry := self._entry(reference):
            if isinstance(entry[0], vim.Datacenter):
                return self.path(entry[0]).lstrip('/')
            reference = entry[1].get('parent')
        return None

    def cluster(self, host):
        """Return the name of the cluster of a host, or None."""
        entry = self._entry(host)
        parent = entry and entry[1].get('parent')
        if isinstance(parent, vim.ClusterComputeResource):
            return self.name(parent)
        return None

    def opaque_network(self, identity):
        """Return the key of the NSX network with that id, or None."""
        for key, (reference, values) in self._found.items():
            if isinstance(reference, vim.OpaqueNetwork):
                summary = values.get('summary')
                if summary and summary.opaqueNetworkId == identity:
                    return key
        return None

    def networks(self):
        """Return all networks that machines can be on."""
        return [
            inventory.Network(
                key=key, name=plain_name(values['name']), vlan=_vlan(values)
            )
            for key, (reference, values) in self._found.items()
            if isinstance(reference, vim.Network)
            and not _is_uplink(values)
            and 'name' in values
        ]

    def datastores(self):
        """Return all datastores."""
        return [
            inventory.Datastore(
                key=key,
                name=plain_name(values['name']),
                kind=values['summary'].type,
                capacity=values['summary'].capacity,
                free=values['summary'].freeSpace,
            )
            for key, (reference, values) in self._found.items()
            if isinstance(reference, vim.Datastore) and 'summary' in values
        ]

    def _entry(self, reference):
        return self._found.get(key_of(reference)) if reference else None


def _is_uplink(values):
    tags = [tag.key for tag in values.get('tag') or []]
    return values.get('config.uplink') or 'SYSTEM/DVS.UPLINKPG' in tags


def _vlan(values):
    """Return the VLAN of a distributed port group; trunks have none."""
    setting = values.get('config.defaultPortConfig')
    vlan = getattr(setting, 'vlan', None)
    number = getattr(vlan, 'vlanId', None)
    return number if isinstance(number, int) and number else None
