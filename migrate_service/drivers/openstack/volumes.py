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


"""Volumes: made, found again, described, deleted."""

import json

from migrate_service.drivers.openstack import attachments
from migrate_service.drivers.openstack import cloud as clouds
from migrate_service.drivers.openstack import errors

GIB = 1024**3
#: Metadata by which a volume is found again.
OWNER = 'migration_id'
KEY = 'migration_disk'
_BROKEN = frozenset({'error', 'error_restoring', 'error_managing'})


def gibibytes(size):
    """Return whole GiB that hold ``size`` bytes."""
    return max(1, -(-size // GIB))


def ensure(cloud, request, owner):
    """Find or create the volume; see ``drivers.base.Destination``."""
    with clouds.explained('Cinder', 'making a volume'):
        found = find(cloud, owner, request.key)
        if found and found.status in _BROKEN:
            _delete(cloud, found.id)
            found = None
        if found is None:
            found = cloud.volumes.create_volume(
                name=request.name,
                size=gibibytes(request.size),
                volume_type=request.volume_type,
                availability_zone=request.availability_zone,
                source_volume_id=request.clone_of,
                metadata={OWNER: owner, KEY: request.key},
            )
        ready = _wait_made(cloud, found.id)
    return {
        'id': ready.id,
        'size': ready.size * GIB,
        'zeroed': not ready.is_encrypted,
    }


def extend(cloud, volume_id, size, node):
    """Extend the volume; see ``drivers.base.Destination``.

    :raises TargetVolumeError: the back end cannot extend it.
    """
    with clouds.explained('Cinder', 'extending a volume'):
        attachments.release(cloud, volume_id, node)
        _wait_free(cloud, volume_id)
        volume = cloud.volumes.get_volume(volume_id)
        if volume.size < gibibytes(size):
            cloud.volumes.extend_volume(volume_id, gibibytes(size))
        return _wait_extended(cloud, volume_id, size).size * GIB


def find(cloud, owner, key):
    """Return the volume that carries the owner and key, or None."""
    mark = {OWNER: owner, KEY: key}
    answer = cloud.volumes.get(
        '/volumes/detail', params={'metadata': json.dumps(mark)}
    )
    for entry in clouds.checked(answer).json()['volumes']:
        if mark.items() <= entry['metadata'].items():
            return cloud.volumes.get_volume(entry['id'])
    return None


def set_image_properties(cloud, volume_id, properties):
    """Make the volume bootable with these image properties."""
    with clouds.explained('Cinder', 'describing a volume'):
        cloud.volumes.set_volume_bootable_status(volume_id, True)
        if properties:
            cloud.volumes.set_volume_image_metadata(volume_id, **properties)


def remove(cloud, *, resource_id, owner, key, node):
    """Delete the volume, attachments to this node included."""
    with clouds.explained('Cinder', 'deleting a volume'):
        if resource_id is None:
            found = find(cloud, owner, key)
            resource_id = found.id if found else None
        if resource_id:
            _delete(cloud, resource_id, node)


def _delete(cloud, volume_id, node=None):
    volume = cloud.volumes.find_volume(volume_id, ignore_missing=True)
    if volume is None:
        return
    attachments.release(cloud, volume_id, node)
    _wait_free(cloud, volume_id)
    cloud.volumes.delete_volume(volume_id, ignore_missing=True)
    cloud.wait(
        f'The volume {volume_id}',
        'deleted',
        lambda: _deleted(cloud, volume_id),
        timeout=cloud.options.volume_timeout,
    )


def _wait_made(cloud, volume_id):
    def look():
        volume = cloud.volumes.get_volume(volume_id)
        if volume.status.startswith('error'):
            raise errors.TargetVolumeError(
                volume=volume_id,
                status=volume.status,
                reason=_why(cloud, volume_id),
            )
        return volume if volume.status in ('available', 'in-use') else None

    return cloud.wait(
        f'The volume {volume_id}',
        'available',
        look,
        timeout=cloud.options.volume_timeout,
    )


def _wait_extended(cloud, volume_id, size):
    def look():
        volume = cloud.volumes.get_volume(volume_id)
        if volume.status.startswith('error'):
            raise errors.TargetVolumeError(
                volume=volume_id,
                status=volume.status,
                reason=_why(cloud, volume_id),
            )
        ready = volume.size >= gibibytes(size)
        return volume if ready and volume.status == 'available' else None

    return cloud.wait(
        f'The volume {volume_id}',
        'extended',
        look,
        timeout=cloud.options.volume_timeout,
    )


def _wait_free(cloud, volume_id):
    """Return when the volume can be deleted."""

    def look():
        found = cloud.volumes.find_volume(volume_id, ignore_missing=True)
        return found is None or (
            found.status == 'available' or found.status.startswith('error')
        )

    cloud.wait(
        f'The volume {volume_id}',
        'detached',
        look,
        timeout=cloud.options.volume_timeout,
    )


def _deleted(cloud, volume_id):
    found = cloud.volumes.find_volume(volume_id, ignore_missing=True)
    if found is not None and found.status == 'error_deleting':
        raise errors.TargetVolumeError(
            volume=volume_id,
            status=found.status,
            reason=_why(cloud, volume_id),
        )
    return found is None


def _why(cloud, volume_id):
    """Return what Cinder's messages say about a volume."""
    answer = cloud.volumes.get(
        '/messages',
        params={'resource_uuid': volume_id},
        microversion='3.5',
    )
    found = answer.json().get('messages', []) if answer.ok else []
    texts = [message['user_message'] for message in found]
    return ' '.join(texts) or 'Cinder gives no reason.'
