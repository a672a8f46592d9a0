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

"""virt-v2v in place: the conversion that runs code of the guest."""

import os
import shutil
import tempfile
from xml.etree import ElementTree

from migrate_service import child
from migrate_service.convert import errors
from migrate_service.convert import process

TOOL = 'virt-v2v-in-place'
VIRTIO_WIN = '/usr/share/virtio-win'
HAS_VIRTIO = b'This guest has virtio drivers installed.'


def convert(disks, inspection, *, workdir, log, check, env):
    """Run virt-v2v-in-place on all disks at once; minutes under TCG.

    Parameters are those of ``conversion.convert``.

    :returns: whether the guest has virtio drivers now; virt-v2v says so in
        its log only.
    :raises DriversMissing: Windows, and no virtio drivers on this node.
    :raises ConversionFailed: with virt-v2v's own words.
    """
    if inspection.type == 'windows':
        drivers = env.get('VIRTIO_WIN', VIRTIO_WIN)
        if not os.path.exists(drivers):
            raise errors.DriversMissing
    start = os.path.getsize(log) if os.path.exists(log) else 0
    directory = tempfile.mkdtemp(prefix='v2v-', dir=workdir)
    try:
        description = os.path.join(directory, 'guest.xml')
        with open(description, 'wb') as stream:
            stream.write(domain(disks))
        command = [
            TOOL, '-i', 'libvirtxml', description,
            '--root', inspection.roots[0],
        ]  # fmt: skip
        variables = process.environment(env, directory)
        started = child.Child(command, log=log, env=variables)
        code = process.wait_for(started, check)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    if code:
        reason = f'{TOOL} ended with code {code}: {process.tail(log)}'
        raise errors.ConversionFailed(reason=reason)
    with open(log, 'rb') as stream:
        stream.seek(start)
        return HAS_VIRTIO in stream.read()


def domain(disks):
    """Return the libvirt XML that names all disks and their formats."""
    root = ElementTree.Element('domain', type='kvm')
    for tag, text in (('name', 'guest'), ('memory', '1048576'), ('vcpu', '1')):
        ElementTree.SubElement(root, tag).text = text
    system = ElementTree.SubElement(root, 'os')
    ElementTree.SubElement(system, 'type').text = 'hvm'
    devices = ElementTree.SubElement(root, 'devices')
    for number, disk in enumerate(disks):
        block = disk.path.startswith('/dev/')
        element = ElementTree.SubElement(
            devices, 'disk', type='block' if block else 'file', device='disk'
        )
        source = {'dev' if block else 'file': disk.path}
        ElementTree.SubElement(
            element, 'driver', name='qemu', type=disk.format
        )
        ElementTree.SubElement(element, 'source', source)
        name = f'sd{chr(ord("a") + number)}'
        ElementTree.SubElement(element, 'target', dev=name, bus='scsi')
    return ElementTree.tostring(root)
