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

"""What matters about a Windows guest before it is converted."""

from migrate_service.convert import model

DRIVERS = ('viostor', 'vioscsi', 'netkvm')
DRIVER_FOLDER = '/Windows/System32/drivers'
HIBERNATION_FILE = '/hiberfil.sys'
#: The first bytes of hiberfil.sys while there is something to resume.
HIBERNATED = (b'hibr', b'HIBR', b'rstr', b'RSTR')


def facts(guest):
    """Return ``model.Windows`` of a mounted guest."""
    found = tuple(
        name
        for name in DRIVERS
        if _real(guest, f'{DRIVER_FOLDER}/{name}.sys') is not None
    )
    return model.Windows(virtio_drivers=found, hibernated=_hibernated(guest))


def _hibernated(guest):
    path = _real(guest, HIBERNATION_FILE)
    return bool(path) and guest.handle.pread(path, 4, 0) in HIBERNATED


def _real(guest, path):
    """Return the path as the disk spells it, None when it is missing."""
    try:
        real = guest.handle.case_sensitive_path(path)
    except RuntimeError:
        return None
    return real if guest.is_file(real) else None
