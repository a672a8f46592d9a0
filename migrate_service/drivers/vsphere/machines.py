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


"""Translate a virtual machine's properties into ``inventory.Machine``."""

import ipaddress

from pyVmomi import vim

from migrate_service import inventory
from migrate_service.drivers.vsphere import tree

PATHS = [
    'name',
    'parent',
    'resourcePool',
    'config.instanceUuid',
    'config.uuid',
    'config.guestId',
    'config.guestFullName',
    'config.firmware',
    'config.bootOptions',
    'config.changeTrackingEnabled',
    'config.ftInfo',
    'config.hardware',
    'config.keyId',
    'config.managedBy',
    'config.nestedHVEnabled',
    'config.template',
    'config.version',
    'runtime.powerState',
    'runtime.host',
    'runtime.connectionState',
    'runtime.consolidationNeeded',
    'runtime.question',
    'guest.guestFamily',
    'guest.guestFullName',
    'guest.hostName',
    'guest.net',
    'guest.toolsRunningStatus',
    'guest.toolsVersionStatus2',
    'snapshot',
    'disabledMethod',
    'summary.storage',
]
POWER = {'poweredOn': 'on', 'poweredOff': 'off', 'suspended': 'suspended'}
_RDM = (
    vim.vm.device.VirtualDisk.RawDiskMappingVer1BackingInfo,
    vim.vm.device.VirtualDisk.RawDiskVer2BackingInfo,
    vim.vm.device.VirtualDisk.PartitionedRawDiskVer2BackingInfo,
)
_FLAT = (
    vim.vm.device.VirtualDisk.FlatVer1BackingInfo,
    vim.vm.device.VirtualDisk.FlatVer2BackingInfo,
)
_PASSTHROUGH = (
    vim.vm.device.VirtualPCIPassthrough,
    vim.vm.device.VirtualSCSIPassthrough,
    vim.vm.device.VirtualSriovEthernetCard,
    vim.vm.device.VirtualUSB,
)
#: Methods that nothing but another product disables on a machine that is
#: no template: backups keep it from moving meanwhile.
_LOCKS = ('RelocateVM_Task', 'CreateSnapshot_Task')
#: Beginnings of guest ids (VirtualMachineGuestOsIdentifier), lower case.
_LINUX = (
    'alma',
    'amazonlinux',
    'asianux',
    'centos',
    'coreos',
    'crxpod',
    'crxsys',
    'debian',
    'fedora',
    'flatcar',
    'kylin',
    'mandrake',
    'mandriva',
    'miraclelinux',
    'opensuse',
    'oraclelinux',
    'pardus',
    'redhat',
    'rhel',
    'rocky',
    'sles',
    'suse',
    'turbolinux',
    'ubuntu',
    'vmwarephoton',
)


def machine(reference, values, places, tags=()):
    """Return the ``inventory.Machine`` of one virtual machine.

    :param values: ``{path: value}`` of :data:`PATHS`, unset ones absent.
    :param places: the :class:`~.tree.Tree`.
    :param tags: ``category:name`` of its tags.
    """
    hardware = values.get('config.hardware')
    devices = hardware.device if hardware else []
    boot = values.get('config.bootOptions')
    host = values.get('runtime.host')
    return inventory.Machine(
        key=tree.key_of(reference),
        name=tree.plain_name(values.get('name', tree.key_of(reference))),
        power_state=POWER.get(values.get('runtime.powerState'), 'off'),
        uuid=values.get('config.instanceUuid') or values.get('config.uuid'),
        folder=places.path(values.get('parent')),
        cluster=places.cluster(host),
        host=places.name(host),
        resource_pool=places.name(values.get('resourcePool')),
        guest_id=values.get('config.guestId'),
        guest_name=_guest_name(values),
        guest_family=guest_family(
            values.get('guest.guestFamily'), values.get('config.guestId')
        ),
        hostname=values.get('guest.hostName') or None,
        cpus=hardware.numCPU if hardware else 1,
        memory_mib=hardware.memoryMB if hardware else 512,
        firmware=values.get('config.firmware') or 'bios',
        secure_boot=bool(getattr(boot, 'efiSecureBootEnabled', False)),
        tpm=any(isinstance(d, vim.vm.device.VirtualTPM) for d in devices),
        encrypted=values.get('config.keyId') is not None,
        template=bool(values.get('config.template')),
        tools=tools(values),
        hardware_version=values.get('config.version'),
        change_tracking=bool(values.get('config.changeTrackingEnabled')),
        snapshots=_count_snapshots(values.get('snapshot')),
        snapshot_depth=_depth(values.get('snapshot')),
        consolidation_needed=bool(values.get('runtime.consolidationNeeded')),
        connection_state=values.get('runtime.connectionState', 'connected'),
        **_circumstances(values, devices),
        tags=tuple(sorted(tags)),
        disks=disks(devices, boot),
        nics=nics(devices, values.get('guest.net') or [], places),
    )


def _circumstances(values, devices):
    """Return what others do with the machine, and what ties it down."""
    manager = values.get('config.managedBy')
    question = values.get('runtime.question')
    storage = values.get('summary.storage')
    disabled = values.get('disabledMethod') or ()
    template = values.get('config.template')
    return {
        'fault_tolerance': values.get('config.ftInfo') is not None,
        'nested': bool(values.get('config.nestedHVEnabled')),
        'passthrough': tuple(
            d.deviceInfo.label if d.deviceInfo else _short_type(d)
            for d in devices
            if isinstance(d, _PASSTHROUGH)
        ),
        'locked': tuple(
            name for name in _LOCKS if name in disabled and not template
        ),
        'managed_by': manager.extensionKey if manager else None,
        'question': question.text if question else None,
        'committed': _committed(storage),
    }


def disks(devices, boot=None):
    """Return the disks in the order in which the firmware tries them."""
    controllers = {
        d.key: d
        for d in devices
        if isinstance(d, vim.vm.device.VirtualController)
    }
    found = [d for d in devices if isinstance(d, vim.vm.device.VirtualDisk)]
    first = [
        entry.deviceKey
        for entry in (boot.bootOrder if boot else [])
        if isinstance(entry, vim.vm.BootOptions.BootableDiskDevice)
    ]
    found.sort(
        key=lambda d: (
            first.index(d.key) if d.key in first else len(first),
            d.controllerKey or 0,
            d.unitNumber or 0,
        )
    )
    return tuple(
        _disk(d, controllers.get(d.controllerKey or 0)) for d in found
    )


def nics(devices, reported, places):
    """Return the NICs with the addresses that VMware Tools reported."""
    addresses = {net.deviceConfigId: _addresses(net) for net in reported}
    return tuple(
        inventory.Nic(
            key=str(d.key),
            label=d.deviceInfo.label if d.deviceInfo else f'NIC {d.key}',
            mac=(d.macAddress or '').lower(),
            network=_network_key(d.backing, places),
            model=_short_type(d).removeprefix('Virtual').lower(),
            connected=bool(d.connectable and d.connectable.startConnected),
            addresses=addresses.get(d.key, ()),
        )
        for d in devices
        if isinstance(d, vim.vm.device.VirtualEthernetCard)
    )


def guest_family(reported, guest_id):
    """Return ``linux``, ``windows`` or ``other``.

    :param reported: ``guest.guestFamily`` of VMware Tools, or None.
    :param guest_id: the type of guest the machine was made for.
    """
    known = {'linuxGuest': 'linux', 'windowsGuest': 'windows'}
    if reported in known:
        return known[reported]
    guest = (guest_id or '').lower()
    if guest.startswith('win'):
        return 'windows'
    if guest.startswith(_LINUX) or 'linux' in guest:
        return 'linux'
    return 'other'


def tools(values):
    """Return ``running``, ``stopped`` or ``missing``."""
    if values.get('guest.toolsRunningStatus') == 'guestToolsRunning':
        return 'running'
    version = values.get('guest.toolsVersionStatus2')
    if version in (None, 'guestToolsNotInstalled'):
        return 'missing'
    return 'stopped'


def _disk(device, controller):
    backing = device.backing
    info = device.deviceInfo
    datastore = getattr(backing, 'datastore', None)
    return inventory.Disk(
        key=str(device.key),
        label=info.label if info else f'Disk {device.key}',
        size=device.capacityInBytes or device.capacityInKB * 1024,
        datastore=tree.key_of(datastore) if datastore else None,
        path=getattr(backing, 'fileName', None),
        kind=_disk_kind(backing),
        mode=getattr(backing, 'diskMode', None) or 'persistent',
        sharing=getattr(backing, 'sharing', None) or 'sharingNone',
        thin=bool(getattr(backing, 'thinProvisioned', False)),
        has_parent=getattr(backing, 'parent', None) is not None,
        controller=_short_type(controller) if controller else None,
        unit=device.unitNumber,
        encrypted=getattr(backing, 'keyId', None) is not None,
        change_id=getattr(backing, 'changeId', None) or None,
        bus_sharing=str(getattr(controller, 'sharedBus', None) or 'noSharing'),
    )


def _disk_kind(backing):
    if isinstance(backing, _RDM):
        return 'rdm'
    return 'flat' if isinstance(backing, _FLAT) else 'sparse'


def _network_key(backing, places):
    port = getattr(backing, 'port', None)
    if port is not None:
        return port.portgroupKey
    opaque = getattr(backing, 'opaqueNetworkId', None)
    if opaque:
        return places.opaque_network(opaque)
    network = getattr(backing, 'network', None)
    return tree.key_of(network) if network else None


def _addresses(net):
    entries = net.ipConfig.ipAddress if net.ipConfig else []
    texts = [entry.ipAddress for entry in entries] or list(net.ipAddress)
    return tuple(
        text
        for text in texts
        if not ipaddress.ip_address(text.partition('%')[0]).is_link_local
    )


def _guest_name(values):
    return values.get('guest.guestFullName') or values.get(
        'config.guestFullName'
    )


def _count_snapshots(info):
    waiting = list(info.rootSnapshotList) if info else []
    count = 0
    while waiting:
        snapshot = waiting.pop()
        waiting.extend(snapshot.childSnapshotList)
        count += 1
    return count


def _committed(storage):
    """Return the bytes on the datastores; less than a MiB is no answer."""
    if storage is None or storage.committed < 1024**2:
        return None
    return storage.committed


def _depth(info):
    """Return how many snapshots stand one below the other."""
    level = list(info.rootSnapshotList) if info else []
    depth = 0
    while level:
        depth += 1
        level = [child for one in level for child in one.childSnapshotList]
    return depth


def _short_type(thing):
    return type(thing).__name__.rpartition('.')[2]
