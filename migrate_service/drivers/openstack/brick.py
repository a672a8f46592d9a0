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


"""os-brick on this node: connect volumes through its privsep helper."""

import contextlib
import os
import shutil
import sys
import threading

import os_brick
from os_brick import exception as brick_exceptions
from os_brick.initiator import connector as brick_connector
from oslo_concurrency import processutils
from oslo_config import cfg
from oslo_log import log as logging

from migrate_service.drivers.openstack import errors

LOG = logging.getLogger(__name__)

_prepared = threading.Lock()


class Node:
    """This host as a place to attach volumes to.

    Mounts are made *beside* the worker's directory, never below it: what
    empties that directory must not reach into a share.

    :param conf: the configuration.
    """

    def __init__(self, conf):
        self._host = conf.worker.name
        self._address = conf.openstack.my_ip
        self._mounts = conf.worker.workdir.rstrip('/') + '-mounts'
        _prepare(conf)

    def properties(self):
        """Return the connector properties that Cinder asks for."""
        return brick_connector.get_connector_properties(
            '',
            my_ip=str(self._address),
            multipath=False,
            enforce_multipath=False,
            host=self._host,
        )

    @contextlib.contextmanager
    def connected(self, volume_id, connection):
        """Connect a volume and give the path of its device or file.

        :param connection: ``connection_info`` of the attachment.
        :raises TargetAttachError: with what os-brick says.
        """
        connector = self._connector(connection)
        with _explained(volume_id):
            device = connector.connect_volume(connection)
        try:
            path = device.get('path')
            if not isinstance(path, str):
                raise errors.TargetAttachError(
                    volume=volume_id, reason='os-brick gives no path for it'
                )
            yield path
        finally:
            with _explained(volume_id):
                connector.disconnect_volume(connection, device)

    def clean(self, connection):
        """Disconnect what a process that died left, if anything."""
        if 'driver_volume_type' not in connection:
            return
        try:
            self._connector(connection).disconnect_volume(
                connection, None, force=True, ignore_errors=True
            )
        except Exception as error:
            LOG.info('nothing to disconnect: %s', error)

    def _connector(self, connection):
        os.makedirs(self._mounts, mode=0o700, exist_ok=True)
        kind = connection['driver_volume_type']
        return brick_connector.InitiatorConnector.factory(
            kind,
            '',
            use_multipath=False,
            conn=connection,
            nfs_mount_point_base=self._mounts,
            do_local_attach=True,
        )


@contextlib.contextmanager
def _explained(volume_id):
    try:
        yield
    except (
        brick_exceptions.BrickException,
        processutils.ProcessExecutionError,
        OSError,
    ) as error:
        raise errors.TargetAttachError(
            volume=volume_id, reason=str(error)
        ) from error


def _prepare(conf):
    """Give os-brick, which reads the global options, its defaults.

    Its own sections (``[privsep_osbrick]``, ``[os_brick]``) may stand in
    the configuration files of the worker.
    """
    with _prepared:
        if 'migrate_prepared' in cfg.CONF:
            return
        cfg.CONF.register_opt(cfg.BoolOpt('migrate_prepared', default=True))
        cfg.CONF([], project='migrate', default_config_files=_files(conf))
        locks = conf.worker.workdir.rstrip('/') + '-locks'
        os.makedirs(locks, mode=0o700, exist_ok=True)
        cfg.CONF.set_default('lock_path', locks, 'oslo_concurrency')
        os_brick.setup(cfg.CONF)
        cfg.CONF.set_default(
            'helper_command', _helper(conf), 'privsep_osbrick'
        )


def _files(conf):
    return [str(path) for path in conf.config_file or []]


def _helper(conf):
    """Return the command line of our own privsep helper."""
    path = shutil.which(
        'privsep-helper', path=os.path.dirname(sys.executable)
    ) or shutil.which('privsep-helper')
    options = ' '.join(f'--config-file {path}' for path in _files(conf))
    sudo = '' if os.geteuid() == 0 else 'sudo '
    return f'{sudo}{path} {options}'.strip()
