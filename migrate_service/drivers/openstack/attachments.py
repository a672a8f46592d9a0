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


"""Attachments: a volume has one writer, and it is this node."""

import contextlib

from oslo_log import log as logging

from migrate_service.drivers.openstack import cloud as clouds
from migrate_service.drivers.openstack import errors
from migrate_service.transfer import sinks

LOG = logging.getLogger(__name__)

#: Attachments as of Queens; 3.54 takes the mode.
_VERSION = '3.54'
#: Back ends whose new volumes are sparse files or thin images, where what
#: was never written reads as zero. A thick LUN may hold old bytes, and so
#: may what ``local`` names: LINSTOR's volumes can be logical volumes of LVM.
_ZEROED = frozenset({'nfs', 'quobyte', 'rbd', 'vzstorage'})


@contextlib.contextmanager
def attach(cloud, volume_id, *, node):
    """Attach the volume to this node alone; see ``drivers.base``.

    :param node: the :class:`~.brick.Node`.
    """
    with clouds.explained('Cinder', 'attaching a volume'):
        release(cloud, volume_id, node)
        volume = cloud.volumes.get_volume(volume_id)
        attachment = _create(cloud, volume_id, node.properties())
    try:
        with node.connected(volume_id, attachment['connection_info']) as path:
            with clouds.explained('Cinder', 'completing an attachment'):
                _complete(cloud, attachment['id'])
            yield _sink(volume, attachment['connection_info'], path)
    finally:
        with clouds.explained('Cinder', 'detaching a volume'):
            _delete(cloud, attachment['id'])


def release(cloud, volume_id, node=None):
    """Delete all attachments that no server holds.

    :param node: the :class:`~.brick.Node` whose own leftovers are to be
        disconnected; None when there can be none.
    :raises TargetAttachError: a server holds the volume.
    """
    for entry in _list(cloud, volume_id):
        if entry.get('instance'):
            raise errors.TargetAttachError(
                volume=volume_id,
                reason=f'the server {entry["instance"]} uses it',
            )
        LOG.info('volume %s: attachment %s removed', volume_id, entry['id'])
        if node:
            node.clean(entry.get('connection_info') or {})
        _delete(cloud, entry['id'])


def _create(cloud, volume_id, connector):
    body = {
        'volume_uuid': volume_id,
        'connector': connector,
        'mode': 'rw',
    }
    answer = cloud.volumes.post(
        '/attachments', json={'attachment': body}, microversion=_VERSION
    )
    return clouds.checked(answer).json()['attachment']


def _complete(cloud, attachment_id):
    clouds.checked(
        cloud.volumes.post(
            f'/attachments/{attachment_id}/action',
            json={'os-complete': {}},
            microversion=_VERSION,
        )
    )


def _list(cloud, volume_id):
    answer = cloud.volumes.get(
        '/attachments/detail',
        params={'volume_id': volume_id},
        microversion=_VERSION,
    )
    entries = clouds.checked(answer).json()['attachments']
    return [entry for entry in entries if entry['volume_id'] == volume_id]


def _delete(cloud, attachment_id):
    answer = cloud.volumes.delete(
        f'/attachments/{attachment_id}', microversion=_VERSION
    )
    if answer.status_code != 404:
        clouds.checked(answer)


def _sink(volume, connection, path):
    return sinks.Sink(
        path=path,
        size=volume.size * 1024**3,
        format=connection.get('format') or 'raw',
        zeroed=connection['driver_volume_type'] in _ZEROED
        and not volume.is_encrypted,
    )
