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
"""A Cinder driver of the lab: sparse files as real block devices.

os-brick's LOCAL connector and Nova's ``local`` volume driver attach
/dev/loopN as a raw block device on the same machine, so that code needing
one (BLKGETSIZE64, O_DIRECT, discard) runs on a kernel without
device-mapper, iSCSI and NVMe-oF.
"""

import contextlib
import os
import pathlib
import shutil

from cinder import interface
from cinder.image import image_utils
from cinder.volume import configuration
from cinder.volume import driver
from cinder.volume import volume_utils
from oslo_concurrency import lockutils
from oslo_concurrency import processutils
from oslo_config import cfg
from oslo_utils import units

OPTS = [cfg.StrOpt('loop_dir', help='Folder of the volume files.')]
cfg.CONF.register_opts(OPTS, group=configuration.SHARED_CONF_GROUP)

synchronized = lockutils.synchronized_with_prefix('lab-loop-')


@interface.volumedriver
class LoopDriver(driver.CloneableImageVD, driver.BaseVD):
    """Volumes are files ``loop_dir/NAME``, devices ``loop_dir/dev/NAME``."""

    VERSION = '1.0'
    CI_WIKI_NAME = 'none'

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.configuration.append_config_values(OPTS)
        self.folder = pathlib.Path(self.configuration.loop_dir)

    def do_setup(self, context):
        (self.folder / 'dev').mkdir(parents=True, exist_ok=True)

    def check_for_setup_error(self):
        pass

    def local_path(self, volume):
        return str(self.folder / volume.name)

    # Loop devices. They vanish when the machine restarts and are made
    # again at the next attachment.

    def _devices(self, volume):
        out, _err = processutils.execute(
            'losetup', '-n', '-O', 'NAME', '-j', self.local_path(volume)
        )
        return out.split()

    @synchronized('devices')
    def _plug(self, volume):
        devices = self._devices(volume)
        if not devices:
            out, _err = processutils.execute(
                'losetup', '-f', '--show', self.local_path(volume)
            )
            devices = [out.strip()]
        link = self.folder / 'dev' / volume.name
        link.unlink(missing_ok=True)
        link.symlink_to(devices[0])
        return str(link)

    @synchronized('devices')
    def _unplug(self, volume):
        for device in self._devices(volume):
            processutils.execute('losetup', '-d', device)
        (self.folder / 'dev' / volume.name).unlink(missing_ok=True)

    # Volumes and snapshots.

    def create_volume(self, volume):
        with open(self.local_path(volume), 'wb') as file:
            file.truncate(volume.size * units.Gi)

    def delete_volume(self, volume):
        self._unplug(volume)
        (self.folder / volume.name).unlink(missing_ok=True)

    def _copy(self, source, target, size):
        processutils.execute(
            'cp', '--sparse=always', '--reflink=auto',
            str(self.folder / source), str(self.folder / target),
        )  # fmt: skip
        os.truncate(self.folder / target, size * units.Gi)

    def create_cloned_volume(self, volume, src_vref):
        self._copy(src_vref.name, volume.name, volume.size)

    def create_snapshot(self, snapshot):
        self._copy(snapshot.volume_name, snapshot.name, snapshot.volume_size)

    def delete_snapshot(self, snapshot):
        (self.folder / snapshot.name).unlink(missing_ok=True)

    def create_volume_from_snapshot(self, volume, snapshot):
        self._copy(snapshot.name, volume.name, volume.size)

    def revert_to_snapshot(self, context, volume, snapshot):
        self._copy(snapshot.name, volume.name, volume.size)

    def extend_volume(self, volume, new_size):
        os.truncate(self.local_path(volume), new_size * units.Gi)
        for device in self._devices(volume):
            processutils.execute('losetup', '-c', device)

    # Images.

    def copy_image_to_volume(
        self, context, volume, image_service, image_id, disable_sparse=False
    ):
        image_utils.fetch_to_raw(
            context,
            image_service,
            image_id,
            self.local_path(volume),
            self.configuration.volume_dd_blocksize,
            size=volume.size,
            disable_sparse=disable_sparse,
        )
        os.truncate(self.local_path(volume), volume.size * units.Gi)

    def clone_image(self, *args, **kwargs):
        return None, False

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        volume_utils.upload_volume(
            context,
            image_service,
            image_meta,
            self.local_path(volume),
            volume,
        )

    # Attachments.

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def initialize_connection(self, volume, connector, **kwargs):
        return {
            'driver_volume_type': 'local',
            'data': {'device_path': self._plug(volume)},
        }

    def terminate_connection(self, volume, connector, **kwargs):
        if len(volume.volume_attachment) <= 1:
            # A device still open is detached by the kernel at its close.
            with contextlib.suppress(processutils.ProcessExecutionError):
                self._unplug(volume)

    def _update_volume_stats(self):
        usage = shutil.disk_usage(self.folder)
        self._stats = {
            'volume_backend_name': self.configuration.volume_backend_name,
            'vendor_name': 'lab',
            'driver_version': self.VERSION,
            'storage_protocol': 'local',
            'total_capacity_gb': usage.total / units.Gi,
            'free_capacity_gb': usage.free / units.Gi,
            'reserved_percentage': 0,
            'thin_provisioning_support': True,
            'thick_provisioning_support': False,
            'max_over_subscription_ratio': 50,
            'provisioned_capacity_gb': 0,
            'multiattach': True,
            'online_extend_support': True,
            'QoS_support': False,
        }
